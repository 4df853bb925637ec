//! The events of a stream whose bytes pass in pieces of any size.
//!
//! Unlike a reader of its own stream it may not pull, so that it is fed; framing is that of the specification. It must
//! never keep more than one event.

use memchr::memchr2;

use super::LONGEST;

/// A buffer that a large event left behind is given back beyond this.
const USUAL: usize = 64 * 1024;

/// The state between two pieces.
#[derive(Default)]
pub(super) struct Lines {
    /// The beginning of a line whose end is still to come.
    partial: Vec<u8>,
    /// The data lines of the event under way.
    data: Vec<u8>,
    has_data: bool,
    /// The last piece ended with a carriage return, which a line feed may still belong to.
    after_return: bool,
    /// The event under way is larger than what is kept.
    too_large: bool,
    begun: bool,
}

impl Lines {
    /// Feeds a piece; each event that ends in it is told, without its data where that was too large.
    ///
    /// Returns the offset behind the last event that ended in it.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        event: &mut impl FnMut(Option<&[u8]>),
    ) -> Option<usize> {
        let mut last = None;
        let mut rest = bytes;
        if let Some((first, others)) = bytes.split_first() {
            if self.after_return && *first == b'\n' {
                rest = others;
            }
            self.after_return = false;
        }
        while let Some(length) = memchr2(b'\n', b'\r', rest) {
            let (line, ends) = rest.split_at(length);
            rest = match ends {
                [b'\r', b'\n', rest @ ..] => rest,
                [b'\r'] => {
                    self.after_return = true;
                    &[]
                }
                [_, rest @ ..] => rest,
                [] => &[],
            };
            if self.line(line) {
                self.tell(event);
                last = Some(bytes.len() - rest.len());
            }
        }
        self.keep(rest);
        last
    }

    fn keep(&mut self, part: &[u8]) {
        if self.partial.len() + part.len() > LONGEST {
            self.too_large = true;
            self.partial.clear();
        } else if !self.too_large {
            self.partial.extend_from_slice(part);
        }
    }

    /// Takes the end of a line; whether it was the blank one that ends an event.
    fn line(&mut self, end: &[u8]) -> bool {
        if self.partial.is_empty() {
            return self.whole(end);
        }
        self.keep(end);
        let line = std::mem::take(&mut self.partial);
        let blank = self.whole(&line);
        self.partial = line;
        self.partial.clear();
        blank
    }

    fn whole(&mut self, mut line: &[u8]) -> bool {
        if !self.begun {
            self.begun = true;
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        if line.is_empty() {
            return true;
        }
        let Some(value) = line.strip_prefix(b"data:") else {
            return false;
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        if self.data.len() + value.len() >= LONGEST {
            self.too_large = true;
            return false;
        }
        if self.has_data {
            self.data.push(b'\n');
        }
        self.has_data = true;
        self.data.extend_from_slice(value);
        false
    }

    fn tell(&mut self, event: &mut impl FnMut(Option<&[u8]>)) {
        if self.too_large {
            event(None);
        } else if self.has_data {
            event(Some(&self.data));
        }
        self.too_large = false;
        self.has_data = false;
        self.data.clear();
        for buffer in [&mut self.data, &mut self.partial] {
            if buffer.capacity() > USUAL {
                *buffer = Vec::new();
            }
        }
    }
}
