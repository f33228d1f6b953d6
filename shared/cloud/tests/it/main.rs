//! What needs files or the wire: the secrets file, and the real clients against a small server of ours.

mod aws;
mod blobs;
mod secrets_file;
