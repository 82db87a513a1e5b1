//! Organizational units: named places for accounts and further units, up to five deep.

use rolecall_store::State;
use rolecall_store::records::organizations::Node;
use rolecall_wire::ServiceError;
use rolecall_wire::organizations as wire;

use crate::attachment::default_attachments;
use crate::error::OrganizationsError;
use crate::organization::ID_ALPHABET;
use crate::quota;
use crate::request::{Managed, Request, pairs};
use crate::tag::{ensure_legal, given};
use crate::tree::{accounts_in, find_unit, is_parent, parent_of, shown_path, units, units_in};

impl Request<'_> {
    /// CreateOrganizationalUnit: the permission is on the parent.
    pub(crate) async fn create_organizational_unit(
        &self,
        input: wire::CreateOrganizationalUnitRequest,
    ) -> Result<wire::CreateOrganizationalUnitResponse, ServiceError> {
        let wire::CreateOrganizationalUnitRequest { parent_id, name, tags } = input;
        let tags = given(tags);
        let proof = self.allow(self.check(&parent_id).request_tags(pairs(&tags)))?;
        let managed = self.managed()?;
        self.allow_new_tags(&managed, "ou", &tags)?;
        ensure_legal(&tags)?;
        let root = managed.organization.root_id.trim_start_matches("r-");
        let id = format!("ou-{root}-{}", self.platform.entropy().text(ID_ALPHABET, 8));
        let unit = self
            .write(proof, move |state| {
                let node = Node { name: Some(name), tags, ..Node::default() };
                create(state, &managed, &parent_id, &id, node)?;
                Ok(describe(state, &managed, &id))
            })
            .await?;
        Ok(wire::CreateOrganizationalUnitResponse { organizational_unit: Some(unit) })
    }

    /// DescribeOrganizationalUnit.
    pub(crate) fn describe_organizational_unit(
        &self,
        input: &wire::DescribeOrganizationalUnitRequest,
    ) -> Result<wire::DescribeOrganizationalUnitResponse, ServiceError> {
        let id = &input.organizational_unit_id;
        self.allow(self.check(id))?;
        let managed = self.managed()?;
        find_unit(&self.state, &managed, id).ok_or(OrganizationsError::NoUnit)?;
        let unit = describe(&self.state, &managed, id);
        Ok(wire::DescribeOrganizationalUnitResponse { organizational_unit: Some(unit) })
    }

    /// UpdateOrganizationalUnit: gives it another name.
    pub(crate) async fn update_organizational_unit(
        &self,
        input: wire::UpdateOrganizationalUnitRequest,
    ) -> Result<wire::UpdateOrganizationalUnitResponse, ServiceError> {
        let wire::UpdateOrganizationalUnitRequest { organizational_unit_id: id, name } = input;
        let proof = self.allow(self.check(&id))?;
        let managed = self.managed()?;
        let unit = self
            .write(proof, move |state| {
                rename(state, &managed, &id, name)?;
                Ok(describe(state, &managed, &id))
            })
            .await?;
        Ok(wire::UpdateOrganizationalUnitResponse { organizational_unit: Some(unit) })
    }

    /// DeleteOrganizationalUnit: an empty one.
    pub(crate) async fn delete_organizational_unit(
        &self,
        input: wire::DeleteOrganizationalUnitRequest,
    ) -> Result<wire::DeleteOrganizationalUnitResponse, ServiceError> {
        let id = input.organizational_unit_id;
        let proof = self.allow(self.check(&id))?;
        let managed = self.managed()?;
        self.write(proof, move |state| {
            find_unit(state, &managed, &id).ok_or(OrganizationsError::NoUnit)?;
            let has_units = units_in(state, &managed, &id).next().is_some();
            if has_units || accounts_in(state, &managed, &id).next().is_some() {
                return Err(OrganizationsError::UnitNotEmpty);
            }
            state.organization_nodes.remove(&(managed.management, id));
            Ok(())
        })
        .await?;
        Ok(wire::DeleteOrganizationalUnitResponse)
    }
}

fn create(
    state: &mut State,
    managed: &Managed,
    parent: &str,
    id: &str,
    node: Node,
) -> Result<(), OrganizationsError> {
    if !is_parent(state, managed, parent) {
        return Err(OrganizationsError::NoParent);
    }
    ensure_free_name(state, managed, parent, node.name.as_deref())?;
    // The way to a parent has the root in it, which is no unit.
    let way = state.organization_path(managed.management, parent).ok_or(OrganizationsError::NoParent)?;
    if way.len() > quota::UNIT_DEPTH {
        return Err(OrganizationsError::TooDeep);
    }
    if units(state, managed).count() >= quota::UNITS {
        return Err(OrganizationsError::TooManyUnits);
    }
    let parent = Some(parent.to_owned()).filter(|parent| *parent != managed.organization.root_id);
    let attached = default_attachments(state, managed);
    state.organization_nodes.put((managed.management, id.to_owned()), Node { parent, attached, ..node });
    Ok(())
}

fn rename(
    state: &mut State,
    managed: &Managed,
    id: &str,
    name: Option<String>,
) -> Result<(), OrganizationsError> {
    let unit = find_unit(state, managed, id).ok_or(OrganizationsError::NoUnit)?;
    if name.is_none() || name == unit.name {
        return Ok(());
    }
    let parent = parent_of(state, managed, id);
    ensure_free_name(state, managed, &parent, name.as_deref())?;
    state.organization_nodes.update(&(managed.management, id.to_owned()), |unit| unit.name = name);
    Ok(())
}

fn ensure_free_name(
    state: &State,
    managed: &Managed,
    parent: &str,
    name: Option<&str>,
) -> Result<(), OrganizationsError> {
    match units_in(state, managed, parent).find(|(_, unit)| unit.name.as_deref() == name) {
        Some(_) => Err(OrganizationsError::UnitExists),
        None => Ok(()),
    }
}

/// A unit as answers show it.
pub(crate) fn describe(state: &State, managed: &Managed, id: &str) -> wire::OrganizationalUnit {
    wire::OrganizationalUnit {
        id: Some(id.to_owned()),
        arn: Some(managed.arn_of(id, state).to_string()),
        name: find_unit(state, managed, id).and_then(|unit| unit.name.clone()),
        path: shown_path(state, managed, id),
    }
}
