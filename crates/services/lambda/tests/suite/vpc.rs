//! Functions in a VPC: what is asked of the caller and of the role, and the network interfaces that come and go.

use std::time::Duration;

use crate::support::{Bench, TRUST, refusal};
use rolecall_store::records::lambda::InterfaceClaim;
use rolecall_testkit::ACCOUNT;
use rolecall_wire::ec2::{
    self, CreateSecurityGroupRequest, CreateSubnetRequest, CreateVpcRequest, DeleteSubnetRequest,
    NetworkInterface,
};
use rolecall_wire::lambda::{
    CreateFunctionRequest, DeleteFunctionRequest, FunctionConfiguration, Input, Output,
    UpdateFunctionConfigurationRequest, VpcConfig,
};
use rolecall_wire::{AnyOutput, ServiceError};

const ENI_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:CreateNetworkInterface","ec2:DescribeNetworkInterfaces","ec2:DeleteNetworkInterface"],"Resource":"*"}]}"#;

/// A house with a network, and a role that may connect functions to it.
struct Site {
    bench: Bench,
    vpc: String,
    subnet: String,
    group: String,
}

impl Site {
    async fn new() -> Self {
        let mut bench = Bench::new().await;
        bench.role = bench.house.add_role("connects", TRUST, Some(ENI_POLICY)).await;
        let mut site = Site { bench, vpc: String::new(), subnet: String::new(), group: String::new() };
        site.vpc = site.new_vpc("10.0.0.0/16").await;
        site.subnet = site.new_subnet(&site.vpc, "10.0.0.0/24").await;
        site.group = site.new_group(&site.vpc).await;
        site
    }

    async fn ec2(&self, input: ec2::Input) -> Result<ec2::Output, ServiceError> {
        let call = self.bench.house.call(&self.bench.admin);
        match self.bench.house.platform.call(&call, input).await? {
            AnyOutput::Ec2(output) => Ok(output),
            other => panic!("{}", other.operation_name()),
        }
    }

    async fn new_vpc(&self, cidr: &str) -> String {
        let input = CreateVpcRequest { cidr_block: Some(cidr.to_owned()), ..Default::default() };
        match self.ec2(ec2::Input::CreateVpc(input)).await.unwrap() {
            ec2::Output::CreateVpc(answer) => answer.vpc.unwrap().vpc_id.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    async fn new_subnet(&self, vpc: &str, cidr: &str) -> String {
        let cidr_block = Some(cidr.to_owned());
        let input = CreateSubnetRequest { vpc_id: vpc.to_owned(), cidr_block, ..Default::default() };
        match self.ec2(ec2::Input::CreateSubnet(input)).await.unwrap() {
            ec2::Output::CreateSubnet(answer) => answer.subnet.unwrap().subnet_id.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    async fn new_group(&self, vpc: &str) -> String {
        let input = CreateSecurityGroupRequest {
            group_name: "functions".to_owned(),
            description: "functions".to_owned(),
            vpc_id: Some(vpc.to_owned()),
            ..Default::default()
        };
        match self.ec2(ec2::Input::CreateSecurityGroup(input)).await.unwrap() {
            ec2::Output::CreateSecurityGroup(answer) => answer.group_id.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    async fn interfaces(&self) -> Vec<NetworkInterface> {
        match self.ec2(ec2::Input::DescribeNetworkInterfaces(Default::default())).await.unwrap() {
            ec2::Output::DescribeNetworkInterfaces(answer) => answer.network_interfaces.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    async fn until_interfaces(&self, count: usize) {
        for _ in 0..12_000 {
            if self.interfaces().await.len() == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("there are not {count} interfaces");
    }

    fn config(&self) -> VpcConfig {
        config(&[&self.subnet], &[&self.group])
    }

    fn function(&self, name: &str, vpc: Option<VpcConfig>) -> CreateFunctionRequest {
        CreateFunctionRequest { vpc_config: vpc, ..self.bench.function(name) }
    }

    async fn create(&self, name: &str) -> FunctionConfiguration {
        let input = Input::CreateFunction(self.function(name, Some(self.config())));
        let Output::CreateFunction(answer) = self.bench.admin(input).await.unwrap() else {
            panic!("another answer")
        };
        self.bench.settled(name).await;
        answer
    }

    async fn refused(&self, vpc: VpcConfig) -> (String, String) {
        refusal(self.bench.admin(Input::CreateFunction(self.function("f", Some(vpc)))).await)
    }
}

fn config(subnets: &[&str], groups: &[&str]) -> VpcConfig {
    let list = |ids: &[&str]| Some(ids.iter().map(|id| (*id).to_owned()).collect());
    VpcConfig {
        subnet_ids: list(subnets),
        security_group_ids: list(groups),
        ipv6_allowed_for_dual_stack: None,
    }
}

fn update(name: &str, vpc: VpcConfig) -> Input {
    Input::UpdateFunctionConfiguration(UpdateFunctionConfigurationRequest {
        function_name: name.to_owned(),
        vpc_config: Some(vpc),
        ..Default::default()
    })
}

fn invalid(message: impl Into<String>) -> (String, String) {
    ("InvalidParameterValueException".to_owned(), message.into())
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_share_an_interface_that_goes_with_the_last() {
    let site = Site::new().await;
    let shown = site.create("f").await.vpc_config.unwrap();
    assert_eq!(shown.vpc_id.as_ref(), Some(&site.vpc));
    assert_eq!(shown.subnet_ids.unwrap(), vec![site.subnet.clone()]);
    site.create("g").await;
    let interfaces = site.interfaces().await;
    assert_eq!(interfaces.len(), 1);
    assert!(interfaces[0].description.as_ref().unwrap().starts_with("AWS Lambda VPC ENI-f-"));
    assert_eq!(
        (interfaces[0].interface_type.as_deref(), interfaces[0].status.as_deref()),
        (Some("lambda"), Some("in-use"))
    );
    assert!(interfaces[0].requester_id.as_ref().unwrap().ends_with(":f@lambda_function"));
    let delete_subnet =
        || ec2::Input::DeleteSubnet(DeleteSubnetRequest { subnet_id: site.subnet.clone(), dry_run: None });
    assert_eq!(site.ec2(delete_subnet()).await.unwrap_err().code, "DependencyViolation");
    let delete = |name: &str| {
        Input::DeleteFunction(DeleteFunctionRequest { function_name: name.to_owned(), ..Default::default() })
    };
    site.bench.admin(delete("f")).await.unwrap();
    site.bench.admin(update("g", config(&[], &[]))).await.unwrap();
    site.until_interfaces(0).await;
    site.ec2(delete_subnet()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interface_whose_function_a_crash_has_kept_from_being_written_goes_at_the_next_start() {
    let site = Site::new().await;
    site.create("kept").await;
    let other = VpcConfig {
        subnet_ids: Some(vec![site.new_subnet(&site.vpc, "10.0.1.0/24").await]),
        ..site.config()
    };
    site.bench.admin(Input::CreateFunction(site.function("lost", Some(other)))).await.unwrap();
    site.until_interfaces(2).await;
    let role = site.bench.role.clone();
    let write = site.bench.house.platform.store.write(move |state| {
        let key = (ACCOUNT.parse().unwrap(), "us-east-1".parse().unwrap(), "lost".to_owned());
        state.functions.remove(&key);
        state.function_versions.remove(&(key.clone(), 0));
        state.interface_claims.put(key, InterfaceClaim { role });
        Ok::<(), std::convert::Infallible>(())
    });
    write.await.unwrap();
    site.bench.again().resume();
    site.until_interfaces(1).await;
    for _ in 0..12_000 {
        if site.bench.house.platform.store.read().interface_claims.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the claim stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interface_that_is_made_is_claimed_only_until_the_function_is_written() {
    let site = Site::new().await;
    site.create("f").await;
    assert!(site.bench.house.platform.store.read().interface_claims.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disconnected_function_shows_an_empty_configuration() {
    let site = Site::new().await;
    site.create("f").await;
    let Output::UpdateFunctionConfiguration(answer) =
        site.bench.admin(update("f", config(&[], &[]))).await.unwrap()
    else {
        panic!("another answer")
    };
    let shown = answer.vpc_config.unwrap();
    assert_eq!((shown.vpc_id.as_deref(), shown.subnet_ids.unwrap().len()), (Some(""), 0));
    let Output::CreateFunction(never) =
        site.bench.admin(Input::CreateFunction(site.function("never", None))).await.unwrap()
    else {
        panic!("another answer")
    };
    assert_eq!(never.vpc_config, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_ids_are_refused_in_ec2s_words() {
    let site = Site::new().await;
    let other = site.new_vpc("10.1.0.0/16").await;
    let foreign_group = site.new_group(&other).await;
    let foreign_subnet = site.new_subnet(&other, "10.1.0.0/24").await;
    let (subnet, group) = (site.subnet.as_str(), site.group.as_str());
    for (vpc, text) in [
        (
            config(&["subnet-0"], &[group]),
            "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID 'subnet-0' does not exist",
        ),
        (
            config(&[subnet], &["sg-0"]),
            "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. EC2 Error Message: The security group 'sg-0' does not exist",
        ),
        (config(&[subnet], &[]), "SubnetIds and SecurityIds must coexist or be both empty list."),
        (config(&[subnet, &foreign_subnet], &[group]), "Subnets are required to be in the same VPC."),
        (config(&[subnet], &[&foreign_group]), "Security Groups are required to be in the same VPC."),
    ] {
        assert_eq!(site.refused(vpc).await, invalid(text));
    }
    assert!(site.interfaces().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_must_be_allowed_what_lambda_does_with_it() {
    let mut site = Site::new().await;
    for missing in ["CreateNetworkInterface", "DescribeNetworkInterfaces", "DeleteNetworkInterface"] {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"ec2:*","Resource":"*"}},{{"Effect":"Deny","Action":"ec2:{missing}","Resource":"*"}}]}}"#
        );
        site.bench.role = site.bench.house.add_role(&format!("no{missing}"), TRUST, Some(&policy)).await;
        let text = format!("The provided execution role does not have permissions to call {missing} on EC2");
        assert_eq!(site.refused(site.config()).await, invalid(text));
    }
    // What function code is denied, Lambda itself may do (reference lambda.md 6.21).
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"},{"Effect":"Deny","Action":"ec2:*","Resource":"*","Condition":{"ArnEquals":{"lambda:SourceFunctionArn":"arn:aws:lambda:us-east-1:111122223333:function:f"}}}]}"#;
    site.bench.role = site.bench.house.add_role("apart", TRUST, Some(policy)).await;
    site.create("f").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_caller_must_be_allowed_to_describe_the_network() {
    let site = Site::new().await;
    let all_but_ec2 = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:*","iam:PassRole"],"Resource":"*"}]}"#;
    let user = site.bench.house.add_user(ACCOUNT, "ann", Some(all_but_ec2)).await;
    let input = Input::CreateFunction(site.function("f", Some(site.config())));
    let (code, text) = refusal(site.bench.call(&user, input.clone()).await);
    assert_eq!(code, "AccessDeniedException");
    let start = format!(
        "Your access has been denied by EC2, please make sure your request credentials have permission to DescribeSubnets for {}. EC2 Error Code: UnauthorizedOperation. EC2 Error Message: You are not authorized to perform this operation.",
        site.subnet
    );
    assert!(text.starts_with(&start), "{text}");
    let nobody = site.bench.house.add_user(ACCOUNT, "nobody", None).await;
    let (_, text) = refusal(site.bench.call(&nobody, input).await);
    assert!(text.contains("perform: lambda:CreateFunction on resource:"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_network_is_a_matter_of_conditions() {
    let site = Site::new().await;
    let rights = r#"{"Effect":"Allow","Action":["lambda:*","iam:PassRole","ec2:Describe*"],"Resource":"*"}"#;
    let actions = r#"["lambda:CreateFunction","lambda:UpdateFunctionConfiguration"]"#;
    let user = |name: &'static str, condition: String| {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{rights},{{"Effect":"Deny","Action":{actions},"Resource":"*","Condition":{{{condition}}}}}]}}"#
        );
        let house = &site.bench.house;
        async move { house.add_user(ACCOUNT, name, Some(&policy)).await }
    };
    let mandatory = user("mandatory", r#""Null":{"lambda:VpcIds":"true"}"#.to_owned()).await;
    let (code, _) =
        refusal(site.bench.call(&mandatory, Input::CreateFunction(site.function("f", None))).await);
    assert_eq!(code, "AccessDeniedException");
    let inside = Input::CreateFunction(site.function("f", Some(site.config())));
    site.bench.call(&mandatory, inside).await.unwrap();
    site.bench.settled("f").await;
    // What the request does not say is as the function has it.
    let description = UpdateFunctionConfigurationRequest {
        function_name: "f".to_owned(),
        description: Some("still there".to_owned()),
        ..Default::default()
    };
    site.bench.call(&mandatory, Input::UpdateFunctionConfiguration(description)).await.unwrap();
    site.bench.settled("f").await;
    let (code, _) = refusal(site.bench.call(&mandatory, update("f", config(&[], &[]))).await);
    assert_eq!(code, "AccessDeniedException");
    for (name, condition) in [
        ("no-vpc", format!(r#""StringEquals":{{"lambda:VpcIds":"{}"}}"#, site.vpc)),
        ("no-subnet", format!(r#""ForAnyValue:StringEquals":{{"lambda:SubnetIds":["{}"]}}"#, site.subnet)),
        (
            "no-group",
            format!(r#""ForAnyValue:StringEquals":{{"lambda:SecurityGroupIds":["{}"]}}"#, site.group),
        ),
    ] {
        let barred = user(name, condition).await;
        let input = Input::CreateFunction(site.function(name, Some(site.config())));
        assert_eq!(refusal(site.bench.call(&barred, input).await).0, "AccessDeniedException", "{name}");
        site.bench.call(&barred, Input::CreateFunction(site.function(name, None))).await.unwrap();
    }
}
