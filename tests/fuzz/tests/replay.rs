//! Every input that a fuzzer found worth keeping, through its target.

use std::path::Path;

#[test]
fn what_was_found_stays_mended() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for target in brasskey_fuzz::TARGETS {
        let mut inputs = 0;
        for entry in std::fs::read_dir(corpus.join(target.name)).unwrap() {
            let path = entry.unwrap().path();
            let input = std::fs::read(&path).unwrap();
            println!("{}", path.display());
            (target.check)(&input);
            inputs += 1;
        }
        assert!(inputs > 0, "{} has no corpus", target.name);
    }
}
