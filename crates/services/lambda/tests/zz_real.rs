mod support;
use std::sync::Arc;
use rolecall_lambda::{FunctionRunner, Lambda};
use rolecall_runner::{EndpointHandler, EnvironmentId, HelperCommand, Runner, RunnerOptions};
use rolecall_wire::lambda::{Input, InvocationRequest};
use support::{Bench, event};
struct NoEndpoint;
impl EndpointHandler for NoEndpoint {
    fn serve(&self, _c: tokio::net::TcpStream, _e: &EnvironmentId) {}
}
#[tokio::test(flavor = "multi_thread")]
async fn real() {
    let bench = Bench::with_runner(false).await;
    let dir = tempfile::tempdir().unwrap();
    let helper = HelperCommand { program: "/work/main/target/debug/rolecall-sandbox-init".into(), args: vec![] };
    let opts = RunnerOptions::new(dir.path().to_path_buf(), helper);
    let runner = Runner::start(opts, Arc::new(NoEndpoint), bench.lambda.environment_host()).await.unwrap();
    bench.lambda.attach_runner(Arc::new(runner.clone()) as Arc<dyn FunctionRunner>);
    let mut f = bench.function("f");
    f.code = support::code(&[("main.py", "import os\ndef handler(event, context):\n    print('hello', event)\n    return {'e': event, 'arn': context.invoked_function_arn, 'k': os.environ['AWS_ACCESS_KEY_ID'][:4]}\n")]);
    bench.admin(Input::CreateFunction(f)).await.unwrap();
    bench.settled("f").await;
    let r = bench.invoke(InvocationRequest { log_type: Some("Tail".into()), ..event("f", "{\"a\":1}") }).await;
    match r { Ok(r) => { println!("{:?} {:?}", r.function_error, r.payload.map(|p| String::from_utf8_lossy(&p).into_owned())); println!("{}", String::from_utf8_lossy(&data_encoding::BASE64.decode(r.log_result.unwrap().as_bytes()).unwrap())); } Err(e) => println!("ERR {e}") }
    bench.lambda.shutdown().await;
    let s = bench.house.platform.store.read();
    for ((g, n), _) in s.log_streams.iter() { println!("{g:?} {n}"); }
    let _: Option<Lambda> = None;
}
