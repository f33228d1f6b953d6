//! What is known of the files of documents: one row a file, one a look, one a printed form.
//!
//! Decides where a row lies and that two writers never overwrite each other.
//! What a row says is opaque; the bytes of files are elsewhere.

use domain::RecordId;

use crate::calls::WriteError;
use crate::error::StoreError;
use crate::item::{Attributes, Draft, Fields, binary, number, pack};
use crate::reading::{Query, Sort};
use crate::tenant::Tenant;
use crate::write::Write;

/// A row about the files of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// Its name among the rows of the document.
    pub name: String,
    /// Grows by one with every write.
    pub version: u64,
    /// What it says.
    pub bytes: Vec<u8>,
}

impl Tenant {
    /// The rows of a document whose names begin with `prefix`, by name.
    pub async fn file_rows(&self, document: RecordId, prefix: &str) -> Result<Vec<FileRow>, StoreError> {
        let sort = Sort::StartsWith(format!("{document}#{prefix}"));
        let rows = self.calls().query(&Query::new(self.keys.files(), sort)).await?;
        rows.into_iter().map(row).collect()
    }

    /// One row of a document, consistently.
    pub async fn file_row(&self, document: RecordId, name: &str) -> Result<Option<FileRow>, StoreError> {
        self.calls().get(&self.keys.file(document, name)).await?.map(row).transpose()
    }

    /// Writes a row when its version is `expected`, zero when there must be none; else [`StoreError::Conflict`].
    pub async fn put_file_row(
        &self,
        document: RecordId,
        name: &str,
        expected: u64,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let draft =
            Draft::new(self.keys.file(document, name)).with("v", number(expected + 1)).with("b", binary(pack(bytes)?));
        let write = Write::put(draft);
        let write =
            if expected == 0 { write.when_absent() } else { write.when("v = :v").value(":v", number(expected)) };
        self.write_file_row(write).await
    }

    /// Removes a row when its version is `expected`; else [`StoreError::Conflict`].
    pub async fn remove_file_row(&self, document: RecordId, name: &str, expected: u64) -> Result<(), StoreError> {
        let write = Write::delete(self.keys.file(document, name)).when("v = :v").value(":v", number(expected));
        self.write_file_row(write).await
    }

    async fn write_file_row(&self, write: Write) -> Result<(), StoreError> {
        match self.calls().write(write).await {
            Ok(_) => Ok(()),
            Err(WriteError::Condition(_)) => Err(StoreError::Conflict),
            Err(WriteError::Store(e)) => Err(e),
        }
    }
}

fn row(item: Attributes) -> Result<FileRow, StoreError> {
    let fields = Fields::new(item, "file row");
    let (_, name) = fields.text("sk")?.split_once('#').ok_or_else(|| fields.corrupt())?;
    Ok(FileRow { name: name.to_owned(), version: fields.number("v")?, bytes: fields.unpacked("b")? })
}
