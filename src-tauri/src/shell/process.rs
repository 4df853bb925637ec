//! The process itself: in release builds other programs of the same user may not dump its memory, and a crash writes no core
//! file. Root still can; so can anything that runs inside this process.

/// Closes the process to dumps and debuggers. Development builds stay open to both.
pub(crate) fn close_to_others() {
    #[cfg(all(target_os = "linux", not(debug_assertions)))]
    {
        use rustix::process::{
            DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit,
        };
        if set_dumpable_behavior(DumpableBehavior::NotDumpable).is_err() {
            tracing::warn!("the process could not be closed to dumps");
        }
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        if setrlimit(Resource::Core, none).is_err() {
            tracing::warn!("core files could not be switched off");
        }
    }
}
