//! Projects and their tasks (forms PM301000 and PM302000): what a bill's or batch's pre-flight asks about them.

use serde::{Deserialize, Serialize};

use crate::entity::{Entity, Keyed};
use crate::label::labels;

labels! {
    /// Where a project or a task stands.
    ProjectStatus {
        /// Not begun; only privileged users charge it.
        InPlanning = "In Planning",
        /// Waits for an approver.
        PendingApproval = "Pending Approval",
        /// Can be charged.
        Active = "Active",
        /// Stopped for a while.
        Suspended = "Suspended",
        /// At its end; only privileged users charge it.
        Completed = "Completed",
        /// Given up; only privileged users charge it.
        Canceled = "Canceled",
        /// An approver said no.
        Rejected = "Rejected",
    }
}

/// A project. Read-only here.
///
/// Source: Default endpoint, entity Project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Project {
    /// The code lines name.
    #[serde(rename = "ProjectID")]
    pub project_id: Option<String>,
    /// Name.
    pub description: Option<String>,
    /// Whether it can be charged.
    pub status: Option<ProjectStatus>,
    /// In which modules it can be charged; linked, so read with [`Rows::With`](crate::Rows::With).
    pub visibility_settings: Option<Visibility>,
}

/// A task of a project. Read-only here.
///
/// Source: Default endpoint, entity `ProjectTask`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ProjectTask {
    /// The project.
    #[serde(rename = "ProjectID")]
    pub project_id: Option<String>,
    /// The code lines name.
    #[serde(rename = "ProjectTaskID")]
    pub project_task_id: Option<String>,
    /// Name.
    pub description: Option<String>,
    /// Whether it can be charged.
    pub status: Option<ProjectStatus>,
    /// Whether lines that name only the project go here.
    pub default: Option<bool>,
    /// In which modules it can be charged; linked, so read with [`Rows::With`](crate::Rows::With).
    pub visibility_settings: Option<Visibility>,
}

/// The modules whose documents can charge a project or task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Visibility {
    /// Bills.
    #[serde(rename = "AP")]
    pub ap: Option<bool>,
    /// Batches.
    #[serde(rename = "GL")]
    pub gl: Option<bool>,
}

impl Entity for Project {
    const NAME: &'static str = "Project";

    fn outline() -> Self {
        Self {
            visibility_settings: Some(Visibility::default()),
            ..Self::default()
        }
    }
}

impl Keyed for Project {
    const KEYS: &'static [&'static str] = &["ProjectID"];

    fn key(&self) -> Vec<&str> {
        vec![self.project_id.as_deref().unwrap_or_default()]
    }
}

impl Entity for ProjectTask {
    const NAME: &'static str = "ProjectTask";

    fn outline() -> Self {
        Self {
            visibility_settings: Some(Visibility::default()),
            ..Self::default()
        }
    }
}

impl Keyed for ProjectTask {
    const KEYS: &'static [&'static str] = &["ProjectID", "ProjectTaskID"];

    fn key(&self) -> Vec<&str> {
        let keys = [&self.project_id, &self.project_task_id];
        keys.map(|key| key.as_deref().unwrap_or_default()).to_vec()
    }
}
