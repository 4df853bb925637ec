//! The process itself: a crash writes no core file, of it or of the processes that it starts, and in release
//! builds other programs of the same user may not read its memory. Root still can; so can anything that runs inside it.

/// Closes the process to core files and, in release builds, to debuggers.
pub fn close_to_others() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        #[cfg(not(debug_assertions))]
        {
            use rustix::process::{DumpableBehavior, set_dumpable_behavior};
            if set_dumpable_behavior(DumpableBehavior::NotDumpable).is_err() {
                tracing::warn!("the process could not be closed to debuggers");
            }
        }
        // Children inherit it: the web view's processes write no core file either.
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        if setrlimit(Resource::Core, none).is_err() {
            tracing::warn!("core files could not be switched off");
        }
    }
}
