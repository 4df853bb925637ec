//! The projects that are made in the application, as the service counts them: each once, those from offline too.

use brasskey_app::error::ErrorCode;

use crate::cable::{Cable, Moment};
use crate::computer::{Computer, Where};
use crate::databases::both;
use crate::identity::Provider;

impl Computer {
    async fn makes_projects(&self, how_many: u32) {
        for number in 0..how_many {
            let name = format!("Project {number}");
            self.app.create_project(&name).await.unwrap();
        }
    }

    /// What the billing screen says was used.
    async fn projects(&self) -> i64 {
        let plan = self.app.subscription().await.unwrap();
        let mut features = plan.features.into_iter();
        let projects = features.find(|feature| feature.code == "projects");
        projects.unwrap().used.unwrap_or(0)
    }
}

#[tokio::test]
async fn projects_are_counted_once_whoever_makes_them_and_wherever() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let platform = Where::of(&service);
        let computer = Computer::new(&service).await;
        // Before there is anybody to count for, in the trial, and signed in.
        computer.makes_projects(1).await;
        computer.app.begin_trial().await.unwrap();
        computer.makes_projects(2).await;
        assert_eq!(computer.projects().await, 3);
        computer.makes_projects(1).await;
        computer.sign_in("ada@example.com").await.unwrap();
        assert_eq!(computer.projects().await, 4);
        assert_eq!(computer.projects().await, 4);

        // Another computer of the same person, offline for a time and started again meanwhile.
        let cable = Cable::to(&platform).await;
        let other = Computer::at(cable.end(&platform)).await;
        other.sign_in("ada@example.com").await.unwrap();
        cable.pull();
        other.makes_projects(3).await;
        let refused = other.app.subscription().await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::PlatformUnreachable);
        let other = other.restarted().await;
        cable.mend();
        assert_eq!(other.projects().await, 7);

        // An answer that is lost counts nothing twice.
        other.makes_projects(1).await;
        for request in 0..3 {
            cable.pull_at(request, Moment::Answering);
            other.app.subscription().await.unwrap_err();
            cable.mend();
        }
        assert_eq!(other.projects().await, 8);

        // And what somebody makes is not counted for somebody else.
        other.app.sign_out().await.unwrap();
        other.sign_in("bob@example.com").await.unwrap();
        other.makes_projects(1).await;
        other.app.subscription().await.unwrap();
        assert_eq!(computer.projects().await, 8);
    }
}
