//! Group commit: writes that have to reach the disk before they are answered share one commit with all that wait beside them.
//!
//! A few writers take what waits and put it into one transaction, so that the wait for the disk and the words around a
//! transaction are paid for once. A write that fails must never take another one with it: then all are undone and each is
//! made alone.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::{Any, AnyPool, Transaction};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::{Mutex, oneshot};

use super::StoreError;

/// Writes in one transaction at most.
const MOST: usize = 128;
/// Writes that may wait; who comes then waits to be let in.
const QUEUE: usize = 1024;

/// How often a write is made alone whose locks and another one's wait for each other.
const TRIES: usize = 3;

/// A write that may share its transaction with others. It may be made more than once; only the last time counts. What it
/// refuses to do it must not have begun: its transaction is committed all the same.
pub(super) trait Write: Send + Sync + 'static {
    type Output: Send + 'static;

    /// What it takes: an account, or a credential's hash. Transactions take in this order, so that two never wait for each
    /// other.
    fn key(&self) -> &str;

    fn write(
        &self,
        into: &mut Transaction<'static, Any>,
    ) -> impl Future<Output = Result<Self::Output, StoreError>> + Send;
}

/// The writers. Clones are handles to the same ones; they end with the last handle.
#[derive(Clone, Debug)]
pub(super) struct Group(Sender<Box<dyn Waiting>>);

impl Group {
    /// So many writers, each with a connection of the pool while it writes.
    pub(super) fn new(pool: &AnyPool, begin: &'static str, writers: usize) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..writers {
            let writer = Writer {
                pool: pool.clone(),
                begin,
            };
            #[expect(
                clippy::disallowed_methods,
                reason = "it ends with the store, and who waits for a write hears of its panic"
            )]
            tokio::spawn(writer.run(Arc::clone(&receiver)));
        }
        Self(sender)
    }

    /// Makes a write, and comes back when it is on the disk. One that was handed in is made, whoever waits for it.
    pub(super) async fn write<W: Write>(&self, write: W) -> Result<W::Output, StoreError> {
        let (done, answer) = oneshot::channel();
        let job = Job {
            write,
            output: None,
            done,
        };
        self.0
            .send(Box::new(job))
            .await
            .map_err(|_| StoreError::Database(sqlx::Error::PoolClosed))?;
        answer.await.map_err(|_| StoreError::GivenUp)?
    }
}

/// A write of any kind that somebody waits for.
trait Waiting: Send {
    fn key(&self) -> &str;
    fn run<'a>(
        &'a mut self,
        into: &'a mut Transaction<'static, Any>,
    ) -> BoxFuture<'a, Result<(), StoreError>>;
    fn answer(self: Box<Self>, result: Result<(), StoreError>);
}

struct Job<W: Write> {
    write: W,
    output: Option<W::Output>,
    done: oneshot::Sender<Result<W::Output, StoreError>>,
}

impl<W: Write> Waiting for Job<W> {
    fn key(&self) -> &str {
        self.write.key()
    }

    fn run<'a>(
        &'a mut self,
        into: &'a mut Transaction<'static, Any>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            self.output = Some(self.write.write(into).await?);
            Ok(())
        }
        .boxed()
    }

    fn answer(self: Box<Self>, result: Result<(), StoreError>) {
        let Self { output, done, .. } = *self;
        let answer = result.and_then(|()| output.ok_or(StoreError::GivenUp));
        // Nobody may be waiting any more: a client that left hears of nothing.
        done.send(answer).ok();
    }
}

struct Writer {
    pool: AnyPool,
    begin: &'static str,
}

impl Writer {
    async fn run(self, queue: Arc<Mutex<Receiver<Box<dyn Waiting>>>>) {
        loop {
            let mut jobs = Vec::new();
            if queue.lock().await.recv_many(&mut jobs, MOST).await == 0 {
                return;
            }
            // A panic must not end the writer: those who wait are told, and the next ones are served.
            let writing = AssertUnwindSafe(self.write(jobs)).catch_unwind();
            if writing.await.is_err() {
                tracing::error!("a write to the database panicked");
            }
        }
    }

    async fn write(&self, mut jobs: Vec<Box<dyn Waiting>>) {
        // Stable: what takes the same stays in the order in which it came.
        jobs.sort_by(|one, other| one.key().cmp(other.key()));
        if jobs.len() > 1 {
            match self.together(&mut jobs).await {
                Ok(true) => {
                    for job in jobs {
                        job.answer(Ok(()));
                    }
                    return;
                }
                Ok(false) => {}
                Err(error) => {
                    let error = Arc::new(error);
                    for job in jobs {
                        job.answer(Err(StoreError::Shared(Arc::clone(&error))));
                    }
                    return;
                }
            }
        }
        for mut job in jobs {
            let result = self.alone(&mut *job).await;
            job.answer(result);
        }
    }

    /// All in one transaction; whether it was committed. An error is one after which nobody's write could be made: there is no
    /// connection, or the commit's answer did not come.
    async fn together(&self, jobs: &mut [Box<dyn Waiting>]) -> Result<bool, StoreError> {
        let mut write = self.pool.begin_with(self.begin).await?;
        for job in jobs {
            if let Err(error) = job.run(&mut write).await {
                tracing::debug!(%error, "a write does not go with the others");
                // Its connection is closed then, which undoes it too.
                if let Err(error) = write.rollback().await {
                    tracing::warn!(%error, "a transaction could not be taken back");
                }
                return Ok(false);
            }
        }
        write.commit().await?;
        Ok(true)
    }

    async fn alone(&self, job: &mut dyn Waiting) -> Result<(), StoreError> {
        let mut tried = 1;
        loop {
            let mut write = self.pool.begin_with(self.begin).await?;
            match job.run(&mut write).await {
                Ok(()) => return Ok(write.commit().await?),
                Err(error) if tried < TRIES && error.is_deadlock() => tried += 1,
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use futures::future::join_all;
    use proptest::prelude::*;
    use sqlx::Row;

    use super::*;
    use crate::store::Store;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Kind {
        Stands,
        Fails,
        Panics,
    }

    struct Note {
        name: String,
        kind: Kind,
    }

    impl Write for Note {
        type Output = Kind;

        fn key(&self) -> &str {
            &self.name
        }

        async fn write(&self, into: &mut Transaction<'static, Any>) -> Result<Kind, StoreError> {
            sqlx::query("INSERT INTO note (name) VALUES ($1)")
                .bind(&self.name)
                .execute(&mut **into)
                .await?;
            match self.kind {
                Kind::Stands => Ok(self.kind),
                Kind::Fails => Err(StoreError::Unreadable("what the test wants")),
                Kind::Panics => panic!("what the test wants"),
            }
        }
    }

    async fn store(folder: &tempfile::TempDir) -> Store {
        let path = folder.path().join("platform.db");
        let store = Store::open(&format!("sqlite:{}", path.display()))
            .await
            .unwrap();
        sqlx::query("CREATE TABLE note (name TEXT PRIMARY KEY)")
            .execute(&store.pool)
            .await
            .unwrap();
        store
    }

    async fn names(store: &Store) -> Vec<String> {
        let rows = sqlx::query("SELECT name FROM note ORDER BY name");
        let rows = rows.fetch_all(&store.pool).await.unwrap();
        rows.iter().map(|row| row.get("name")).collect()
    }

    /// One thread: all are handed in before the writer takes any, and so they are written together.
    fn alone<T>(test: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(test)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn each_write_stands_or_falls_by_itself_whatever_it_is_committed_with(
            kinds in proptest::collection::vec(
                prop_oneof![8 => Just(Kind::Stands), 1 => Just(Kind::Fails)],
                1..200,
            ),
        ) {
            alone(async {
                let folder = tempfile::TempDir::new().unwrap();
                let store = store(&folder).await;
                let notes = kinds.iter().enumerate().map(|(index, kind)| Note {
                    name: format!("{index:03}"),
                    kind: *kind,
                });
                let written = join_all(notes.map(|note| store.group.write(note))).await;
                let mut standing = Vec::new();
                for (index, (kind, written)) in kinds.iter().zip(written).enumerate() {
                    if *kind == Kind::Stands {
                        prop_assert_eq!(written.unwrap(), *kind);
                        standing.push(format!("{index:03}"));
                    } else {
                        let failed = written.unwrap_err().to_string();
                        prop_assert!(failed.contains("what the test wants"), "{failed}");
                    }
                }
                prop_assert_eq!(names(&store).await, standing);
                Ok(())
            })?;
        }
    }

    #[test]
    fn a_panic_is_told_to_those_it_befell_and_the_next_write_is_made() {
        alone(async {
            let folder = tempfile::TempDir::new().unwrap();
            let store = store(&folder).await;
            let note = |name: &str, kind| {
                store.group.write(Note {
                    name: name.to_owned(),
                    kind,
                })
            };
            let (one, other) = tokio::join!(note("a", Kind::Panics), note("b", Kind::Stands));
            assert!(matches!(one, Err(StoreError::GivenUp)));
            assert!(matches!(other, Err(StoreError::GivenUp)));
            assert_eq!(note("c", Kind::Stands).await.unwrap(), Kind::Stands);
            assert_eq!(names(&store).await, ["c"]);
        });
    }

    #[test]
    fn a_write_that_nobody_waits_for_any_more_is_made() {
        alone(async {
            let folder = tempfile::TempDir::new().unwrap();
            let store = store(&folder).await;
            let leaves = store.group.write(Note {
                name: "a".to_owned(),
                kind: Kind::Stands,
            });
            tokio::select! {
                biased;
                _ = leaves => panic!("it cannot be there yet"),
                () = tokio::task::yield_now() => {}
            }
            let next = store.group.write(Note {
                name: "b".to_owned(),
                kind: Kind::Stands,
            });
            next.await.unwrap();
            assert_eq!(names(&store).await, ["a", "b"]);
        });
    }
}
