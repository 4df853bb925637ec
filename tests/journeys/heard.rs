//! Everything that left the use cases or was logged, kept to be searched.

use std::fmt::Debug;
use std::io::Write;
use std::sync::{Arc, Mutex};

use brasskey_app::error::{Error, ErrorView};
use serde::Serialize;
use tracing_subscriber::fmt::MakeWriter;

/// Everything that left the use cases, in the form in which the window gets it and in the form in which a log would.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<u8>>>);

impl Heard {
    pub(crate) fn add(&self, bytes: &[u8]) {
        self.0.lock().unwrap().extend_from_slice(bytes);
    }

    pub(crate) fn saw<T: Serialize + Debug>(&self, view: T) -> T {
        self.add(&serde_json::to_vec(&view).unwrap());
        self.add(format!("{view:?}{view:#?}").as_bytes());
        view
    }

    pub(crate) fn answer<T: Serialize + Debug>(&self, answer: Result<T, Error>) -> Option<T> {
        match answer {
            Ok(view) => Some(self.saw(view)),
            Err(error) => {
                self.add(format!("{error} {error:?}").as_bytes());
                self.saw(ErrorView::from(error));
                None
            }
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.add(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Heard {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
