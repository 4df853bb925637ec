//! The file of an export that anybody could have written: it is read or refused, the same however the disk gives it out.

use std::io::{self, Read};

use brasskey_app::transfer::items;

/// Gives out so many bytes at a time.
struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

pub(crate) fn check(input: &[u8]) {
    let Some((size, bytes)) = input.split_first() else {
        return;
    };
    let whole = items(bytes);
    let slowly = items(Slow(bytes, usize::from(*size) + 1));
    assert_eq!(whole, slowly, "{} bytes at a time", usize::from(*size) + 1);
}
