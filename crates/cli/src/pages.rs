//! What a packager and a shell want: completions and man pages, made from the arguments themselves.

use std::io;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::exit::Exit;

/// Prints the completions of a shell.
pub(crate) fn completions(shell: Shell) -> Exit {
    clap_complete::generate(
        shell,
        &mut Arguments::command(),
        "brasskey",
        &mut io::stdout(),
    );
    Exit::Done
}

/// Prints the man page, or writes it and those of all sub-commands into a folder.
pub(crate) fn man(folder: Option<&Path>) -> Exit {
    let command = Arguments::command();
    let written = match folder {
        Some(folder) => clap_mangen::generate_to(command, folder),
        None => clap_mangen::Man::new(command).render(&mut io::stdout()),
    };
    match written {
        Ok(()) => Exit::Done,
        // Whoever reads the page has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
        Err(error) => {
            eprintln!("brasskey: the man page could not be written: {error}");
            Exit::Failed
        }
    }
}
