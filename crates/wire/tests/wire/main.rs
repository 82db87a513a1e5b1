//! The wire formats as callers see them: literal requests and answers, for each protocol.

mod botocore;
mod common;
mod json;
mod lambda;
mod lambda_routes;
mod query;
mod s3;
mod s3_routes;
mod validation;
