//! "Where is my key?" and "Check for leaks": what they say is so, and what is planted is found.
#![allow(
    clippy::disallowed_methods,
    reason = "planted files may be cut short by a full disk"
)]

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use brasskey_app::custody::view::LeaksView;
use brasskey_app::error::ErrorCode;
use brasskey_app::keys::view::PlaceView;
use brasskey_tests::{Fault, Script, Search};
use tokio::sync::mpsc::unbounded_channel;

use crate::account::{ANTHROPIC, OPENAI};
use crate::world::World;

fn folders(world: &World) -> Vec<PathBuf> {
    let folder = world.folder().to_owned();
    // One inside another is looked at once, and one that is not there is passed over.
    vec![folder.clone(), folder.join("below"), folder.join("never")]
}

async fn look(world: &World, id: &str) -> LeaksView {
    let looked = world
        .app
        .check_for_leaks(id, folders(world), |_| {})
        .await
        .unwrap();
    let search = {
        let mut search = Search::of(OPENAI.key()).unwrap();
        search.bytes("the view", format!("{looked:?}").as_bytes());
        search
    };
    assert_eq!(search.found(), [""; 0], "no view holds the key");
    looked
}

#[tokio::test]
async fn a_key_says_where_it_is_and_who_got_it() {
    let world = World::with_store().await;
    let key = world.add_key(OPENAI).await;
    let fresh = world.app.key_custody(&key.id).await.unwrap();
    assert_eq!(fresh.place, PlaceView::System);
    assert!(fresh.recipients.is_empty());
    assert!(
        fresh.last_checked_at.is_some(),
        "it was checked to be saved"
    );
    world.ask(&key, OPENAI, "One").await.ended().await;
    world.sandbox.script(Script::fault(Fault::KeyEcho));
    world.ask(&key, OPENAI, "Two").await.ended().await;
    let custody = world.app.key_custody(&key.id).await.unwrap();
    let [recipient] = &*custody.recipients else {
        panic!("{:?}", custody.recipients)
    };
    assert_eq!(recipient.origin, custody.bound_to);
    assert_eq!(custody.bound_to, format!("http://{}", world.sandbox.addr()));
    assert_eq!(recipient.calls, 2, "a refused call got the key as well");
    // Another's is not told.
    let error = world.app.key_custody("nobody's").await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn a_planted_key_is_found_and_an_unplanted_one_is_not() {
    let world = World::with_store().await;
    let key = world.add_key(OPENAI).await;
    let theirs = "sk-ant-api03-sandbox-qZ7w9Xk393VbTnR5yUe8Lp2Mc6Hd4Gs";
    let other = world.add_key_with(ANTHROPIC, theirs, "").await;
    let looked = look(&world, &key.id).await;
    assert!(looked.found.is_empty() && looked.unread.is_empty() && !looked.stopped);
    assert!(
        looked.files >= 1 && looked.bytes > 50_000,
        "the database was looked at"
    );
    assert_eq!(looked.looked_in.len(), 1);

    let below = world.folder().join("below");
    std::fs::create_dir(&below).unwrap();
    let planted = below.join("notes.txt");
    std::fs::write(&planted, OPENAI.key().to_uppercase()).unwrap();
    std::fs::write(below.join(OPENAI.key()), "").unwrap();
    let looked = look(&world, &key.id).await;
    let mut places: Vec<_> = looked
        .found
        .iter()
        .map(|leak| (PathBuf::from(&leak.place), leak.in_name))
        .collect();
    places.sort();
    assert_eq!(places, [(below.clone(), true), (planted, false)]);
    assert!(look(&world, &other.id).await.found.is_empty());
}

#[tokio::test]
async fn a_search_tells_how_far_it_is_and_can_be_stopped() {
    let world = World::with_store().await;
    let key = world.add_key(OPENAI).await;
    for name in ["a", "b", "c"] {
        std::fs::write(world.folder().join(name), vec![b'x'; 6 << 20]).unwrap();
    }
    let told = Arc::new(AtomicUsize::new(0));
    let last = Arc::new(Mutex::new(0));
    let (app, id) = (world.app.clone(), key.id.clone());
    let looked = {
        let (told, last) = (Arc::clone(&told), Arc::clone(&last));
        let so_far = move |so_far: brasskey_app::custody::view::LeaksSoFar| {
            *last.lock().unwrap() = so_far.bytes;
            if told.fetch_add(1, Ordering::SeqCst) == 1 {
                app.stop_leak_check(&id);
            }
        };
        world
            .app
            .check_for_leaks(&key.id, folders(&world), so_far)
            .await
            .unwrap()
    };
    assert!(looked.stopped);
    assert!(told.load(Ordering::SeqCst) >= 2);
    assert!(*last.lock().unwrap() <= looked.bytes);
    assert!(looked.bytes < 18 << 20, "not all was read");
    assert!(!look(&world, &key.id).await.stopped, "the next is another");
}

#[tokio::test]
async fn a_search_that_takes_the_place_of_another_can_be_stopped_when_that_one_is_over() {
    let world = World::with_store().await;
    let key = world.add_key(OPENAI).await;
    // Says that it has begun, and then waits at every step for as long as the other end is kept.
    let search = || {
        let (begun, has_begun) = unbounded_channel();
        let (keep, until) = std::sync::mpsc::channel::<()>();
        let so_far = move |_| {
            begun.send(()).ok();
            until.recv().ok();
        };
        let looking = world.app.check_for_leaks(&key.id, folders(&world), so_far);
        (looking, has_begun, keep)
    };
    let (first, mut first_begun, keep_first) = search();
    let (second, mut second_begun, keep_second) = search();
    let (first_over, is_over) = tokio::sync::oneshot::channel();
    let (first, second, ()) = tokio::join!(
        async {
            let looked = first.await.unwrap();
            first_over.send(()).unwrap();
            looked
        },
        async {
            first_begun.recv().await;
            second.await.unwrap()
        },
        async {
            second_begun.recv().await;
            drop(keep_first);
            is_over.await.unwrap();
            world.app.stop_leak_check(&key.id);
            drop(keep_second);
        }
    );
    assert!(first.stopped && second.stopped);
}
