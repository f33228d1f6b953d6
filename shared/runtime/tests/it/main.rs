//! The runtime against real servers: tokens with a JWKS server, doors and idempotency with an embedded DynamoDB, the frame around a router.

mod console;
mod envelope;
mod http;
mod idempotency;
mod support;
mod tokens;
mod webhook;
