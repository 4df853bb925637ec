//! The arguments of commands. What does not fit is refused with a code and nothing else: Tauri's own words, and serde's, repeat
//! the value that they met, and it may be a key.

use std::ops::Deref;

use brasskey_app::error::{Error, ErrorView};
use specta::Types;
use specta::datatype::DataType;
use tauri::Runtime;
use tauri::ipc::{CommandArg, CommandItem, InvokeError};

/// An argument that comes from the page. Every one of every command is one of these.
pub struct Arg<T>(pub T);

impl<T> Deref for Arg<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de, T: CommandArg<'de, R>, R: Runtime> CommandArg<'de, R> for Arg<T> {
    fn from_command(command: CommandItem<'de, R>) -> Result<Self, InvokeError> {
        T::from_command(command)
            .map(Self)
            .map_err(|_| InvokeError::from(malformed()))
    }
}

/// It is no type of its own in the bindings.
impl<T: specta::Type> specta::Type for Arg<T> {
    fn definition(types: &mut Types) -> DataType {
        T::definition(types)
    }
}

fn malformed() -> ErrorView {
    Error::InvalidInput("an argument of a command is malformed").into()
}
