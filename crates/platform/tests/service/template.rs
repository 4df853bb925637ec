//! The files that every PostgreSQL cluster of the tests is a copy of.

use std::fs;

use tempfile::TempDir;

use crate::cluster::Cluster;

fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn whoever_comes_first_makes_them_and_what_was_left_half_made_is_made_anew() {
    let folder = TempDir::new().unwrap();
    let start_two = || {
        std::thread::scope(|scope| {
            let starting = [(); 2].map(|()| scope.spawn(|| Cluster::start(folder.path())));
            starting.map(|starting| starting.join().unwrap())
        })
    };
    for cluster in start_two() {
        let at = ["--host", cluster.path(), "--username", "brasskey"];
        cluster.run("createdb", &[&at[..], &["one"]].concat());
    }
    let made = names(&folder);
    let template = made[0].clone();
    assert_eq!(made, [template.clone(), format!("{template}.lock")]);

    // As a process leaves it that is killed while it makes them.
    let half_made = folder.path().join(format!("{template}.half-made"));
    fs::rename(folder.path().join(&template), &half_made).unwrap();
    fs::remove_dir_all(half_made.join("base")).unwrap();
    for cluster in start_two() {
        let at = ["--host", cluster.path(), "--username", "brasskey"];
        cluster.run("createdb", &[&at[..], &["one"]].concat());
    }
    assert_eq!(names(&folder), made);
}
