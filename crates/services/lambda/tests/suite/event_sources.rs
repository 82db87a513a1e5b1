//! Event source mappings: admission, states, and how they are changed and found.

use std::time::Duration;

use crate::support::{ADMINISTRATOR, Bench, TRUST, refusal};
use rolecall_testkit::ACCOUNT;
use rolecall_wire::lambda::{
    CreateEventSourceMappingRequest, DeleteEventSourceMappingRequest, DestinationConfig,
    EventSourceMappingConfiguration, Filter, FilterCriteria, GetEventSourceMappingRequest, Input,
    ListEventSourceMappingsRequest, ListTagsRequest, OnFailure, OnSuccess, Output, SelfManagedEventSource,
    SelfManagedKafkaEventSourceConfig, SourceAccessConfiguration, TagResourceRequest,
    UpdateEventSourceMappingRequest,
};

const QUEUE: &str = "arn:aws:sqs:us-east-1:111122223333:q";
const STREAM: &str = "arn:aws:kinesis:us-east-1:111122223333:stream/s";
const TABLE_STREAM: &str = "arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/2026-01-01T00:00:00.000";
const READER: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*","kinesis:*","dynamodb:*"],"Resource":"*"}]}"#;

/// A house with the function `f`, whose role may read every source.
async fn bench() -> Bench {
    let mut bench = Bench::new().await;
    bench.role = bench.house.add_role("reads", TRUST, Some(READER)).await;
    bench.admin(Input::CreateFunction(bench.function("f"))).await.unwrap();
    bench.settled("f").await;
    assert_eq!(bench.queue(&bench.admin, "q", None).await, QUEUE);
    bench
}

fn source(arn: &str) -> CreateEventSourceMappingRequest {
    CreateEventSourceMappingRequest {
        function_name: "f".to_owned(),
        event_source_arn: Some(arn.to_owned()),
        starting_position: (!arn.contains(":sqs:")).then(|| "LATEST".to_owned()),
        ..Default::default()
    }
}

/// Kafka that somebody else runs.
fn kafka() -> CreateEventSourceMappingRequest {
    let endpoints = vec!["kafka:1000".to_owned(), "kafka:2000".to_owned()];
    let endpoints = Some([("KAFKA_BOOTSTRAP_SERVERS".to_owned(), endpoints)].into());
    CreateEventSourceMappingRequest {
        function_name: "f".to_owned(),
        self_managed_event_source: Some(SelfManagedEventSource { endpoints }),
        topics: Some(vec!["topic".to_owned()]),
        source_access_configurations: Some(vec![SourceAccessConfiguration {
            r#type: Some("BASIC_AUTH".to_owned()),
            uri: Some("arn:aws:secretsmanager:us-east-1:111122223333:secret:s".to_owned()),
        }]),
        ..Default::default()
    }
}

async fn create(bench: &Bench, input: CreateEventSourceMappingRequest) -> EventSourceMappingConfiguration {
    match bench.admin(Input::CreateEventSourceMapping(input)).await.unwrap() {
        Output::CreateEventSourceMapping(answer) => answer,
        other => panic!("{other:?}"),
    }
}

async fn refused(bench: &Bench, input: CreateEventSourceMappingRequest) -> (String, String) {
    refusal(bench.admin(Input::CreateEventSourceMapping(input)).await)
}

async fn get(bench: &Bench, uuid: &str) -> Result<EventSourceMappingConfiguration, (String, String)> {
    let input = GetEventSourceMappingRequest { uuid: uuid.to_owned() };
    match bench.admin(Input::GetEventSourceMapping(input)).await {
        Ok(Output::GetEventSourceMapping(answer)) => Ok(answer),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err((error.code.into_owned(), error.message.unwrap_or_default())),
    }
}

/// Waits until the mapping has the state, or until there is none.
async fn until(bench: &Bench, uuid: &str, state: Option<&str>) {
    for _ in 0..500 {
        if get(bench, uuid).await.ok().and_then(|mapping| mapping.state).as_deref() == state {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the mapping does not become {state:?}");
}

fn invalid(message: &str) -> (String, String) {
    ("InvalidParameterValueException".to_owned(), message.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_goes_through_its_states() {
    let bench = bench().await;
    let made = create(&bench, source(QUEUE)).await;
    let uuid = made.uuid.clone().unwrap();
    assert_eq!((made.state.as_deref(), made.batch_size), (Some("Creating"), Some(10)));
    assert_eq!(made.function_arn.as_deref(), Some("arn:aws:lambda:us-east-1:111122223333:function:f"));
    assert_eq!(made.last_processing_result, None);
    until(&bench, &uuid, Some("Enabled")).await;
    let change = |enabled, batch_size| {
        Input::UpdateEventSourceMapping(UpdateEventSourceMappingRequest {
            uuid: uuid.clone(),
            enabled,
            batch_size,
            ..Default::default()
        })
    };
    let Output::UpdateEventSourceMapping(answer) = bench.admin(change(Some(false), Some(3))).await.unwrap()
    else {
        panic!("another answer")
    };
    assert_eq!((answer.state.as_deref(), answer.batch_size), (Some("Disabling"), Some(3)));
    let busy = bench.admin(change(Some(true), None)).await;
    if let Err(error) = busy {
        assert_eq!((error.status, error.code.as_ref()), (400, "ResourceInUseException"));
        assert_eq!(error.message.unwrap(), "Cannot update the event source mapping because it is in use.");
    }
    until(&bench, &uuid, Some("Disabled")).await;
    let delete = Input::DeleteEventSourceMapping(DeleteEventSourceMappingRequest { uuid: uuid.clone() });
    let Output::DeleteEventSourceMapping(answer) = bench.admin(delete).await.unwrap() else {
        panic!("another answer")
    };
    assert_eq!(answer.state.as_deref(), Some("Deleting"));
    until(&bench, &uuid, None).await;
    let missing = get(&bench, &uuid).await.unwrap_err();
    assert_eq!(
        missing,
        ("ResourceNotFoundException".to_owned(), "The resource you requested does not exist.".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_in_awss_words() {
    let bench = bench().await;
    let with = |change: &dyn Fn(&mut CreateEventSourceMappingRequest), arn: &str| {
        let mut input = source(arn);
        change(&mut input);
        input
    };
    let no_position = "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.";
    let pattern =
        |text: &str| Some(FilterCriteria { filters: Some(vec![Filter { pattern: Some(text.to_owned()) }]) });
    for (input, text) in [
        (with(&|input| input.event_source_arn = None, QUEUE), "Unrecognized event source.".to_owned()),
        (source("arn:aws:s3:::b"), "Unrecognized event source.".to_owned()),
        (with(&|input| input.starting_position = None, STREAM), no_position.to_owned()),
        (
            with(&|input| input.starting_position = Some("AT_TIMESTAMP".to_owned()), TABLE_STREAM),
            format!("Unsupported starting position for arn type: {TABLE_STREAM}"),
        ),
        (
            with(
                &|input| {
                    let on_failure = Some(OnFailure { destination: Some(QUEUE.to_owned()) });
                    input.destination_config = Some(DestinationConfig { on_success: None, on_failure });
                },
                QUEUE,
            ),
            "Unsupported DestinationConfig parameter for given event source mapping type.".to_owned(),
        ),
        (
            with(&|input| input.function_name = "unknown".to_owned(), QUEUE),
            "Function does not exist".to_owned(),
        ),
        (
            with(&|input| input.filter_criteria = pattern("simple string"), QUEUE),
            "Invalid filter pattern definition.".to_owned(),
        ),
        (
            with(&|input| input.batch_size = Some(20), QUEUE),
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
                .to_owned(),
        ),
    ] {
        assert_eq!(refused(&bench, input).await, invalid(&text));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_execution_role_must_be_allowed_to_read_the_source() {
    for (policy, arn, text) in [
        (
            r#""sqs:ReceiveMessage","sqs:DeleteMessage""#,
            QUEUE,
            "The function execution role does not have permissions to call GetQueueAttributes on SQS",
        ),
        (
            r#""sqs:GetQueueAttributes","sqs:DeleteMessage""#,
            QUEUE,
            "The function execution role does not have permissions to call ReceiveMessage on SQS",
        ),
        (
            r#""kinesis:DescribeStream","kinesis:GetRecords""#,
            STREAM,
            "Cannot access stream arn:aws:kinesis:us-east-1:111122223333:stream/s. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams Actions on your stream in IAM.",
        ),
    ] {
        let mut bench = Bench::new().await;
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{policy}],"Resource":"{arn}"}}]}}"#
        );
        bench.queue(&bench.admin, "q", None).await;
        bench.role = bench.house.add_role("reads", TRUST, Some(&policy)).await;
        bench.admin(Input::CreateFunction(bench.function("f"))).await.unwrap();
        bench.settled("f").await;
        assert_eq!(refused(&bench, source(arn)).await, invalid(text));
    }
}

fn queue_policy(effect: &str, principal: &str, action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Principal":{{"AWS":"{principal}"}},"Action":"{action}","Resource":"*"}}]}}"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_itself_is_asked() {
    let bench = bench().await;
    let missing = "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.";
    for gone in ["arn:aws:sqs:us-east-1:111122223333:gone", "arn:aws:sqs:eu-west-1:111122223333:q"] {
        assert_eq!(refused(&bench, source(gone)).await, invalid(missing));
    }
    let lacks =
        |call: &str| format!("The function execution role does not have permissions to call {call} on SQS");
    let deny = queue_policy("Deny", "*", "sqs:GetQueueAttributes");
    let closed = bench.queue(&bench.admin, "closed", Some(&deny)).await;
    assert_eq!(refused(&bench, source(&closed)).await, invalid(&lacks("GetQueueAttributes")));

    let stranger = bench.house.add_user("444455556666", "stranger", Some(ADMINISTRATOR)).await;
    let foreign = bench.queue(&stranger, "foreign", None).await;
    assert_eq!(refused(&bench, source(&foreign)).await, invalid(&lacks("ReceiveMessage")));
    let open = bench.queue(&stranger, "open", Some(&queue_policy("Allow", &bench.role, "sqs:*"))).await;
    assert_eq!(create(&bench, source(&open)).await.event_source_arn, Some(open));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_of_the_same_account_can_admit_the_role_alone() {
    let bench = Bench::furnished().await;
    let closed = bench.queue(&bench.admin, "closed", None).await;
    let text = "The function execution role does not have permissions to call ReceiveMessage on SQS";
    assert_eq!(refused(&bench, source(&closed)).await, invalid(text));
    let open = bench.queue(&bench.admin, "open", Some(&queue_policy("Allow", &bench.role, "sqs:*"))).await;
    create(&bench, source(&open)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_admitted_for_the_role_that_the_function_keeps() {
    let bench = bench().await;
    bench.change_role_meanwhile("f");
    let (code, text) = refused(&bench, source(QUEUE)).await;
    assert_eq!(code, "ResourceConflictException");
    assert!(text.starts_with("The operation cannot be performed at this time."), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_source_feeds_a_function_once() {
    let bench = bench().await;
    let uuid = create(&bench, source(QUEUE)).await.uuid.unwrap();
    let please = format!("Please update or delete the existing mapping with UUID {uuid}");
    let (code, text) = refused(&bench, source(QUEUE)).await;
    assert_eq!(code, "ResourceConflictException");
    assert_eq!(
        text,
        format!(
            "An event source mapping with SQS arn (\" {QUEUE} \") and function (\" f \") already exists. {please}"
        )
    );
    let made = create(&bench, source(STREAM)).await;
    let uuid = made.uuid.clone().unwrap();
    assert!(made.last_processing_result.unwrap().contains("Rolecall does not poll event sources yet"));
    assert_eq!((made.batch_size, made.parallelization_factor), (Some(100), Some(1)));
    let (_, text) = refused(&bench, source(STREAM)).await;
    assert_eq!(
        text,
        format!(
            "The event source arn (\" {STREAM} \") and function (\" f \") provided mapping already exists. Please update or delete the existing mapping with UUID {uuid}"
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn kafka_of_ones_own_needs_credentials_and_is_there_once() {
    let bench = bench().await;
    let input = kafka();
    let mut without = input.clone();
    without.source_access_configurations = None;
    let text = "Required 'sourceAccessConfigurations' parameter is missing.";
    assert_eq!(refused(&bench, without).await, invalid(text));
    let made = create(&bench, input.clone()).await;
    assert_eq!(made.starting_position.as_deref(), Some("TRIM_HORIZON"));
    assert!(made.self_managed_kafka_event_source_config.unwrap().consumer_group_id.is_some());
    assert_eq!(
        refused(&bench, input).await.1,
        format!(
            "An event source mapping with event source (\"kafka:1000,kafka:2000\"), function (\"arn:aws:lambda:us-east-1:111122223333:function:f\"), topics (\"topic\") already exists. Please update or delete the existing mapping with UUID {}",
            made.uuid.unwrap()
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_function_of_a_mapping_is_a_condition_key() {
    let bench = bench().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:*EventSourceMapping","Resource":"*","Condition":{"ArnLike":{"lambda:FunctionArn":"arn:aws:lambda:*:111122223333:function:orders-*"}}}]}"#;
    let user = bench.house.add_user(ACCOUNT, "ann", Some(policy)).await;
    let (code, _) = refusal(bench.call(&user, Input::CreateEventSourceMapping(source(QUEUE))).await);
    assert_eq!(code, "AccessDeniedException");
    bench.admin(Input::CreateFunction(bench.function("orders-in"))).await.unwrap();
    bench.settled("orders-in").await;
    let mut input = source(QUEUE);
    input.function_name = "orders-in".to_owned();
    let Output::CreateEventSourceMapping(made) =
        bench.call(&user, Input::CreateEventSourceMapping(input)).await.unwrap()
    else {
        panic!("another answer")
    };
    let uuid = made.uuid.unwrap();
    until(&bench, &uuid, Some("Enabled")).await;
    let move_away = UpdateEventSourceMappingRequest {
        uuid: uuid.clone(),
        function_name: Some("f".to_owned()),
        ..Default::default()
    };
    let (code, _) = refusal(bench.call(&user, Input::UpdateEventSourceMapping(move_away)).await);
    assert_eq!(code, "AccessDeniedException");
    let delete = Input::DeleteEventSourceMapping(DeleteEventSourceMappingRequest { uuid });
    bench.call(&user, delete).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn mappings_are_listed_by_function_and_source_and_have_tags() {
    let bench = bench().await;
    let mut tagged = source(QUEUE);
    tagged.tags = Some([("team".to_owned(), "red".to_owned())].into());
    let made = create(&bench, tagged).await;
    create(&bench, source(STREAM)).await;
    let list = |function: Option<&str>, arn: Option<&str>| {
        Input::ListEventSourceMappings(ListEventSourceMappingsRequest {
            function_name: function.map(str::to_owned),
            event_source_arn: arn.map(str::to_owned),
            ..Default::default()
        })
    };
    for (input, count) in
        [(list(None, None), 2), (list(Some("f"), None), 2), (list(Some("f"), Some(QUEUE)), 1)]
    {
        let Output::ListEventSourceMappings(answer) = bench.admin(input).await.unwrap() else {
            panic!("another answer")
        };
        assert_eq!(answer.event_source_mappings.unwrap().len(), count);
    }
    let arn = made.event_source_mapping_arn.unwrap();
    let more = TagResourceRequest { resource: arn.clone(), tags: [("a".to_owned(), "b".to_owned())].into() };
    bench.admin(Input::TagResource(more)).await.unwrap();
    let tags = ListTagsRequest { resource: arn };
    let Output::ListTags(answer) = bench.admin(Input::ListTags(tags)).await.unwrap() else {
        panic!("another answer")
    };
    assert_eq!(answer.tags.unwrap().len(), 2);
    let missing =
        "arn:aws:lambda:us-east-1:111122223333:event-source-mapping:01234567-89ab-cdef-0123-456789abcdef";
    let tags = ListTagsRequest { resource: missing.to_owned() };
    let (code, text) = refusal(bench.admin(Input::ListTags(tags)).await);
    assert_eq!(
        (code.as_str(), text),
        ("ResourceNotFoundException", format!("Event source mapping not found: {missing}"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_mapping_cannot_do_is_refused_and_not_forgotten() {
    let bench = bench().await;
    let mut told = source(STREAM);
    let success = OnSuccess { destination: Some(QUEUE.to_owned()) };
    told.destination_config = Some(DestinationConfig { on_success: Some(success), on_failure: None });
    let text = "Unsupported OnSuccess parameter for given event source mapping type.";
    assert_eq!(refused(&bench, told).await, invalid(text));

    let made = create(&bench, kafka()).await;
    let uuid = made.uuid.unwrap();
    until(&bench, &uuid, Some("Enabled")).await;
    let group = |id: &str| {
        let consumer_group_id = Some(id.to_owned());
        let config = SelfManagedKafkaEventSourceConfig { consumer_group_id, ..Default::default() };
        Input::UpdateEventSourceMapping(UpdateEventSourceMappingRequest {
            uuid: uuid.clone(),
            self_managed_kafka_event_source_config: Some(config),
            ..Default::default()
        })
    };
    let text = "ConsumerGroupId cannot be changed after the event source mapping was created.";
    assert_eq!(refusal(bench.admin(group("other")).await), invalid(text));
    let known = made.self_managed_kafka_event_source_config.unwrap().consumer_group_id.unwrap();
    bench.admin(group(&known)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_is_not_moved_to_where_there_is_one() {
    let bench = bench().await;
    bench.admin(Input::CreateFunction(bench.function("g"))).await.unwrap();
    bench.settled("g").await;
    let first = create(&bench, source(QUEUE)).await.uuid.unwrap();
    let second = CreateEventSourceMappingRequest { function_name: "g".to_owned(), ..source(QUEUE) };
    let second = create(&bench, second).await.uuid.unwrap();
    until(&bench, &second, Some("Enabled")).await;
    let moved = UpdateEventSourceMappingRequest {
        uuid: second.clone(),
        function_name: Some("f".to_owned()),
        ..Default::default()
    };
    let (code, text) = refusal(bench.admin(Input::UpdateEventSourceMapping(moved)).await);
    assert_eq!(code, "ResourceConflictException");
    assert!(text.ends_with(&format!("existing mapping with UUID {first}")), "{text}");
    let stays = UpdateEventSourceMappingRequest {
        uuid: second,
        function_name: Some("g".to_owned()),
        ..Default::default()
    };
    bench.admin(Input::UpdateEventSourceMapping(stays)).await.unwrap();
}
