//! How a URL's configuration is shown. Each operation has its own form of it (reference lambda.md 3.6-12).

use rolecall_arn::Region;
use rolecall_service::Settings;
use rolecall_store::records::function_url::FunctionUrl;
use rolecall_wire::lambda::{
    CreateFunctionUrlConfigResponse, FunctionUrlConfig, GetFunctionUrlConfigResponse,
    UpdateFunctionUrlConfigResponse,
};

use crate::name::{FunctionReference, Key, function_arn};
use crate::time::utc_timestamp;
use crate::url::cors;

/// The answer of CreateFunctionUrlConfig, without the mode.
pub(crate) fn created(
    settings: &Settings,
    reference: &FunctionReference,
    url: &FunctionUrl,
) -> CreateFunctionUrlConfigResponse {
    CreateFunctionUrlConfigResponse {
        function_url: Some(address(settings, &reference.region, &url.id)),
        function_arn: Some(reference.arn().to_string()),
        auth_type: Some(url.auth_type.clone()),
        cors: url.cors.as_ref().map(cors::shown),
        creation_time: Some(utc_timestamp(url.created_ms)),
        invoke_mode: None,
    }
}

/// The answer of UpdateFunctionUrlConfig, without the mode.
pub(crate) fn updated(
    settings: &Settings,
    reference: &FunctionReference,
    url: &FunctionUrl,
) -> UpdateFunctionUrlConfigResponse {
    UpdateFunctionUrlConfigResponse {
        function_url: Some(address(settings, &reference.region, &url.id)),
        function_arn: Some(reference.arn().to_string()),
        auth_type: Some(url.auth_type.clone()),
        cors: url.cors.as_ref().map(cors::shown),
        creation_time: Some(utc_timestamp(url.created_ms)),
        last_modified_time: Some(utc_timestamp(url.modified_ms)),
        invoke_mode: None,
    }
}

/// The answer of GetFunctionUrlConfig.
pub(crate) fn read(
    settings: &Settings,
    reference: &FunctionReference,
    url: &FunctionUrl,
) -> GetFunctionUrlConfigResponse {
    GetFunctionUrlConfigResponse {
        function_url: Some(address(settings, &reference.region, &url.id)),
        function_arn: Some(reference.arn().to_string()),
        auth_type: Some(url.auth_type.clone()),
        cors: url.cors.as_ref().map(cors::shown),
        creation_time: Some(utc_timestamp(url.created_ms)),
        last_modified_time: Some(utc_timestamp(url.modified_ms)),
        invoke_mode: Some(url.invoke_mode.clone()),
    }
}

/// An element of ListFunctionUrlConfigs.
pub(crate) fn listed(
    settings: &Settings,
    key: &Key,
    qualifier: &str,
    url: &FunctionUrl,
) -> FunctionUrlConfig {
    let qualifier = Some(qualifier).filter(|qualifier| !qualifier.is_empty());
    FunctionUrlConfig {
        function_url: Some(address(settings, &key.1, &url.id)),
        function_arn: Some(function_arn(key, qualifier).to_string()),
        auth_type: Some(url.auth_type.clone()),
        cors: url.cors.as_ref().map(cors::shown),
        creation_time: Some(utc_timestamp(url.created_ms)),
        last_modified_time: Some(utc_timestamp(url.modified_ms)),
        invoke_mode: Some(url.invoke_mode.clone()),
    }
}

/// `http://ID.lambda-url.REGION.localhost:PORT/`: names below `localhost` are this machine (RFC 6761), and the port is
/// that of this server.
fn address(settings: &Settings, region: &Region, id: &str) -> String {
    let (scheme, host) = settings.endpoint.split_once("://").unwrap_or(("http", &settings.endpoint));
    let port = host.rsplit_once(':').map(|(_, port)| port.trim_end_matches('/')).unwrap_or("80");
    format!("{scheme}://{id}.lambda-url.{region}.localhost:{port}/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_below_localhost_at_the_servers_port() {
        let region: Region = "eu-west-1".parse().unwrap();
        let settings = |endpoint: &str| Settings { region: region.clone(), endpoint: endpoint.to_owned() };
        let shown = |endpoint: &str| address(&settings(endpoint), &region, "abc");
        assert_eq!(shown("http://127.0.0.1:4566"), "http://abc.lambda-url.eu-west-1.localhost:4566/");
        assert_eq!(shown("http://[::1]:80"), "http://abc.lambda-url.eu-west-1.localhost:80/");
    }
}
