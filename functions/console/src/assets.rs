//! Scripts and styles, served from the binary under names that contain their hash, so that they never go stale.

use axum::{extract::Path, response::IntoResponse};
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
};
use sha2::{Digest, Sha256};
use std::{fmt::Write, sync::LazyLock};

/// A year; the name changes with the content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The addresses of the assets.
pub(crate) struct Assets {
    pub(crate) style: String,
    pub(crate) pico: String,
    pub(crate) script: String,
    pub(crate) htmx: String,
    pub(crate) icon: String,
}

struct Asset {
    name: String,
    kind: &'static str,
    bytes: &'static [u8],
}

impl Asset {
    fn new(stem: &str, extension: &str, kind: &'static str, bytes: &'static [u8]) -> Self {
        let name = format!("{stem}-{}.{extension}", &hex(&Sha256::digest(bytes))[..16]);
        Self { name, kind, bytes }
    }

    fn address(&self) -> String {
        format!("/console/assets/{}", self.name)
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

static ALL: LazyLock<[Asset; 5]> = LazyLock::new(|| {
    [
        Asset::new("console", "css", CSS, include_bytes!("../assets/console.css")),
        Asset::new("pico", "css", CSS, include_bytes!("../assets/vendor/pico.min.css")),
        Asset::new("console", "js", JS, include_bytes!("../assets/console.js")),
        Asset::new("htmx", "js", JS, include_bytes!("../assets/vendor/htmx.min.js")),
        Asset::new("icon", "svg", "image/svg+xml", include_bytes!("../assets/favicon.svg")),
    ]
});

static ADDRESSES: LazyLock<Assets> = LazyLock::new(|| {
    let [style, pico, script, htmx, icon] = &*ALL;
    Assets {
        style: style.address(),
        pico: pico.address(),
        script: script.address(),
        htmx: htmx.address(),
        icon: icon.address(),
    }
});

/// The addresses of the assets of this binary.
pub(crate) fn addresses() -> &'static Assets {
    &ADDRESSES
}

/// An asset by its name. A name with another hash is one of another version: it is not there.
pub(crate) async fn serve(Path(file): Path<String>) -> axum::response::Response {
    let Some(asset) = ALL.iter().find(|asset| asset.name == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let header = |name: HeaderName, value: &'static str| (name, HeaderValue::from_static(value));
    let headers = [
        header(CONTENT_TYPE, asset.kind),
        header(CACHE_CONTROL, FOR_EVER),
        header(CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    (headers, asset.bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn what_is_vendored_is_what_its_package_published() {
        let files: BTreeMap<&str, &[u8]> = BTreeMap::from([
            ("htmx.min.js", include_bytes!("../assets/vendor/htmx.min.js").as_slice()),
            ("pico.min.css", include_bytes!("../assets/vendor/pico.min.css")),
        ]);
        let sources = include_str!("../assets/vendor/SOURCES");
        let rows: Vec<Vec<&str>> =
            sources.lines().filter(|l| !l.starts_with('#')).map(|l| l.split_whitespace().collect()).collect();
        assert_eq!(rows.len(), files.len());
        for row in rows {
            let [file, package, version, path, sha256] = row[..] else { panic!("{row:?}") };
            assert!(!package.is_empty() && !version.is_empty() && !path.is_empty());
            assert_eq!(hex(&Sha256::digest(files[file])), sha256, "{file}");
        }
    }

    #[test]
    fn every_asset_has_a_name_of_its_own_with_its_hash() {
        let assets = addresses();
        for (address, stem, extension) in [(&assets.style, "console-", ".css"), (&assets.htmx, "htmx-", ".js")] {
            let name = address.strip_prefix("/console/assets/").expect("an address");
            assert!(name.starts_with(stem) && name.ends_with(extension), "{name}");
            assert_eq!(name.len(), stem.len() + 16 + extension.len());
        }
    }
}
