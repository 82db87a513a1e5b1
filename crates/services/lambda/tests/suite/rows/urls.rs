//! Function URLs, and invocations whose responses are streamed.

use rolecall_wire::lambda::{
    CreateFunctionUrlConfigRequest, DeleteFunctionUrlConfigRequest, GetFunctionUrlConfigRequest, Input,
    InvokeWithResponseStreamRequest, ListFunctionUrlConfigsRequest, UpdateFunctionUrlConfigRequest,
};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:f";
const ALIAS: &str = "arn:aws:lambda:us-east-1:111122223333:function:f:live";

/// Each operation with its resource, and what the administrator does before.
pub fn rows() -> Vec<(Input, &'static str, Option<Input>)> {
    let f = || "f".to_owned();
    let live = || Some("live".to_owned());
    let create = || {
        Input::CreateFunctionUrlConfig(CreateFunctionUrlConfigRequest {
            function_name: f(),
            qualifier: live(),
            auth_type: "AWS_IAM".to_owned(),
            ..Default::default()
        })
    };
    let get = GetFunctionUrlConfigRequest { function_name: f(), qualifier: live() };
    let delete = DeleteFunctionUrlConfigRequest { function_name: f(), qualifier: live() };
    let list = ListFunctionUrlConfigsRequest { function_name: f(), ..Default::default() };
    let update = UpdateFunctionUrlConfigRequest {
        function_name: f(),
        qualifier: live(),
        auth_type: Some("NONE".to_owned()),
        ..Default::default()
    };
    let stream =
        InvokeWithResponseStreamRequest { function_name: f(), qualifier: live(), ..Default::default() };
    vec![
        (create(), ALIAS, None),
        (Input::GetFunctionUrlConfig(get), ALIAS, Some(create())),
        (Input::DeleteFunctionUrlConfig(delete), ALIAS, Some(create())),
        (Input::ListFunctionUrlConfigs(list), FUNCTION, None),
        (Input::UpdateFunctionUrlConfig(update), ALIAS, Some(create())),
        (Input::InvokeWithResponseStream(stream), ALIAS, None),
    ]
}
