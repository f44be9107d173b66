//! The static files as `build.rs` prepared them: the modules joined, each file named by its digest and compressed.

use std::io::{self, Read};

use flate2::read::GzDecoder;

/// A static file.
#[derive(Debug)]
pub(crate) struct Asset {
    source: &'static str,
    /// Its name, which contains its digest: the content under a name never changes.
    pub(crate) name: &'static str,
    /// Its contents, compressed.
    pub(crate) gzip: &'static [u8],
}

static ASSETS: &[Asset] = &include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The API's description, compressed.
pub(crate) static DESCRIPTION: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz"));

/// Decompresses, for the rare client that does not accept gzip.
pub(crate) fn plain(gzip: &[u8]) -> io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    GzDecoder::new(gzip).read_to_end(&mut plain)?;
    Ok(plain)
}

impl Asset {
    /// Returns the file that is served under a name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        ASSETS.iter().find(|asset| asset.name == name)
    }

    /// Returns the file with a name in `static/`, or `portal.js`, the script of all modules.
    pub(crate) fn of(source: &str) -> Option<&'static Self> {
        ASSETS.iter().find(|asset| asset.source == source)
    }

    /// Returns the media type, by the name's extension.
    pub(crate) fn media_type(&self) -> &'static str {
        match self.name.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "json" => "application/json",
            "svg" => "image/svg+xml",
            _ => "application/octet-stream",
        }
    }

    /// Returns the contents, decompressed.
    pub(crate) fn plain(&self) -> io::Result<Vec<u8>> {
        plain(self.gzip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_name_each_other_by_digest() {
        for asset in ASSETS {
            let text = String::from_utf8(asset.plain().unwrap()).unwrap();
            for other in ASSETS {
                assert!(!text.contains(&format!("\"./{}\"", other.source)), "{}: {}", asset.source, other.source);
            }
            assert_ne!(asset.media_type(), "application/octet-stream", "{}", asset.source);
        }
    }

    #[test]
    fn no_file_makes_markup_of_text() {
        for asset in ASSETS.iter().filter(|asset| asset.media_type().starts_with("text/javascript")) {
            let text = String::from_utf8(asset.plain().unwrap()).unwrap();
            for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "DOMParser"] {
                assert!(!text.contains(way), "{}: {way}", asset.source);
            }
        }
    }
}
