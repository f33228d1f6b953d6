//! The workspace as cargo sees it: its packages, what each one asks for, its binaries.
//!
//! Decides how cargo's metadata is read. Must not judge what it finds.

use crate::process;
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The root of the repository this binary was built in.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// Whether a dependency reaches the product or only its tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Part of the product (build scripts too).
    Normal,
    /// Only for tests, examples and benches.
    Dev,
}

/// What a package asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// The package's name.
    pub(crate) name: String,
    /// How far it reaches.
    pub(crate) kind: Kind,
}

/// One member of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its folder, from the root, with `/`.
    pub(crate) folder: String,
    /// What it asks for.
    pub(crate) dependencies: Vec<Dependency>,
    /// Its binaries.
    pub(crate) bins: Vec<String>,
}

impl Package {
    /// The name of the function whose package this is: its folder under functions/.
    pub(crate) fn function(&self) -> Option<&str> {
        self.folder.strip_prefix("functions/")
    }
}

/// The members, and where cargo builds.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// By name.
    pub(crate) packages: Vec<Package>,
    /// The target directory.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Reads the manifests only: no lock file and no network.
    pub(crate) fn load() -> Result<Self> {
        let mut cargo = process::cargo();
        cargo.args(["metadata", "--no-deps", "--format-version", "1"]);
        let metadata =
            serde_json::from_str(&process::output(&mut cargo)?).context("cargo's metadata have another shape")?;
        Ok(Self::from_metadata(metadata))
    }

    fn from_metadata(metadata: Metadata) -> Self {
        let mut packages: Vec<Package> =
            metadata.packages.into_iter().map(|package| package.read(&metadata.workspace_root)).collect();
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        Self { packages, target: metadata.target_directory }
    }

    /// The packages that are functions.
    pub(crate) fn functions(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.function().is_some())
    }
}

/// What `cargo metadata` prints, as far as it is read here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<MetadataPackage>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct MetadataPackage {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<MetadataDependency>,
    targets: Vec<MetadataTarget>,
}

#[derive(Deserialize)]
struct MetadataDependency {
    name: String,
    kind: Option<String>,
}

#[derive(Deserialize)]
struct MetadataTarget {
    name: String,
    kind: Vec<String>,
}

impl MetadataPackage {
    fn read(self, root: &Path) -> Package {
        let folder = self.manifest_path.parent().unwrap_or(&self.manifest_path);
        Package {
            folder: folder.strip_prefix(root).unwrap_or(folder).to_string_lossy().replace('\\', "/"),
            dependencies: self.dependencies.into_iter().map(MetadataDependency::read).collect(),
            bins: self.targets.into_iter().filter(|t| t.kind == ["bin"]).map(|t| t.name).collect(),
            name: self.name,
        }
    }
}

impl MetadataDependency {
    fn read(self) -> Dependency {
        let kind = if self.kind.as_deref() == Some("dev") { Kind::Dev } else { Kind::Normal };
        Dependency { name: self.name, kind }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_workspace_has_this_package_in_its_folder() {
        let workspace = Workspace::load().expect("the workspace is readable");
        let xtask = workspace.packages.iter().find(|p| p.name == "xtask").expect("xtask is a member");
        assert_eq!(xtask.folder, "infra/xtask");
        assert_eq!(xtask.bins, ["xtask"]);
        assert!(xtask.dependencies.iter().any(|d| d.name == "clap" && d.kind == Kind::Normal));
    }

    #[test]
    fn the_functions_are_the_packages_under_functions() {
        let workspace = Workspace::load().expect("the workspace is readable");
        let functions: Vec<_> = workspace.functions().filter_map(Package::function).collect();
        assert!(functions.contains(&"webhook"), "{functions:?}");
        assert!(functions.iter().all(|f| !f.contains('/')));
    }
}
