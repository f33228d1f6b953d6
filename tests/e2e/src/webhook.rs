//! A webhook as the ERP sends it, made by hand: to send what the simulator would not.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The header with the event's kind.
pub const EVENT: &str = "x-metakocka-event";
/// The header with the event's id.
pub const ID: &str = "x-metakocka-id";
/// The header with the signature of the body.
pub const SIGNATURE: &str = "x-metakocka-signature";
/// The one event that is documented.
pub const STOCK: &str = "warehouse_product_stock_update";

/// The signature of a body: base64 of HMAC-SHA1.
pub fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("an HMAC takes a key of any length");
    mac.update(body);
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

/// A body that names a product, without its amounts.
pub fn body_of(product: &str) -> Vec<u8> {
    serde_json::json!({"opr_code": "0", "stock_list_count": "1", "stock_list": {"mk_id": product, "amount": "1"}})
        .to_string()
        .into_bytes()
}
