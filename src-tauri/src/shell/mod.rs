//! The shell around the window: its making, its log, its end. No use case lives here.

pub(crate) mod changes;
pub(crate) mod files;
pub(crate) mod log;
pub(crate) mod system;
pub(crate) mod window;
