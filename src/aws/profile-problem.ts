import { getSSOTokenFromFile, loadSsoSessionData, parseKnownFiles } from "@smithy/core/config";
import { configuredRegion } from "./settings.ts";

type Profile = Readonly<Record<string, string | undefined>>;
type Profiles = Readonly<Record<string, Profile | undefined>>;

/** Where a chain of profiles ends. */
type End =
  | { readonly kind: "problem"; readonly problem: string }
  | { readonly kind: "profile"; readonly profile: Profile; readonly isForRole: boolean };

/**
 * What the shared config files show to be wrong with a profile that gave no credentials, and what to do.
 * AWS's own library throws one and the same error for all of it, told apart by its message alone.
 *
 * @param name - of the profile; undefined for the default one.
 * @returns undefined if its settings show nothing, as when a service refused them.
 */
export async function profileProblem(name = "default"): Promise<string | undefined> {
  // What the library keeps of the files would hide that they were mended.
  const end = followProfile(name, await parseKnownFiles({ ignoreCache: true }));
  return end.kind === "problem" ? end.problem : settingsProblem(end.profile, end.isForRole);
}

async function settingsProblem(profile: Profile, isForRole: boolean): Promise<string | undefined> {
  if (isSet(profile["credential_process"])) {
    return "its credential_process failed, or did not print credentials that are good now; run that command by hand, as the agent's user";
  }
  if (Object.keys(profile).some((setting) => setting.startsWith("sso_"))) {
    return ssoProblem(profile);
  }
  if (isSet(profile["login_session"])) {
    return "its login is missing or expired; run aws login for that profile, as the agent's user";
  }
  if (isForRole && (await configuredRegion()) === undefined) {
    return "there is no region, so the role was asked for in us-east-1; set AWS_REGION, or region in that profile";
  }
  const leads = ["aws_access_key_id", "role_arn"].some((setting) => isSet(profile[setting]));
  return leads ? undefined : "it has no settings that lead to credentials; check AWS_PROFILE";
}

/** Goes from a role to the profile that it is assumed from, in the order of AWS's library. */
function followProfile(start: string, profiles: Profiles): End {
  const visited = new Set<string>();
  for (let name = start; ;) {
    const profile = profiles[name];
    const source = profile?.["source_profile"];
    if (profile === undefined) {
      const which =
        name === start ? "there is no such profile" : `its source_profile ${name} is not`;
      return problem(
        `${which} in the shared AWS config files; check AWS_PROFILE, HOME, AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE`,
      );
    }
    // A role may be assumed with the keys that stand beside it.
    const hasOwnKeys = visited.size > 0 && isSet(profile["aws_access_key_id"]);
    if (hasOwnKeys || !isSet(profile["role_arn"])) {
      return { kind: "profile", profile, isForRole: visited.size > 0 };
    }
    if (isSet(profile["mfa_serial"])) {
      return problem(
        "its role wants an MFA code (mfa_serial), and nobody is there to type one; use a role without MFA, or credentials that were issued with the code",
      );
    }
    if (source === undefined || source === "") {
      return { kind: "profile", profile, isForRole: true };
    }
    if (visited.has(source)) {
      return problem(
        `its source_profile leads in a loop (${[...visited].join(", ")}); let the last of them have credentials of its own`,
      );
    }
    visited.add(source);
    name = source;
  }
}

async function ssoProblem(profile: Profile): Promise<string | undefined> {
  const sessionName = profile["sso_session"];
  const session = sessionName === undefined ? profile : (await loadSsoSessionData())[sessionName];
  if (session === undefined) {
    return `its sso_session ${sessionName} is not in the shared AWS config file; write that section, or run aws configure sso`;
  }
  const lacking = ["sso_region", "sso_start_url"].find((setting) => !isSet(session[setting]));
  if (lacking !== undefined) return `its SSO settings have no ${lacking}; run aws configure sso`;
  const isLoggedIn = await getSSOTokenFromFile(sessionName ?? session["sso_start_url"] ?? "").then(
    (token: { readonly expiresAt: unknown }) => isFuture(token.expiresAt),
    () => false,
  );
  return isLoggedIn
    ? "its SSO login is valid, so check sso_account_id and sso_role_name"
    : "there is no SSO login, or it expired; run aws sso login for that profile, as the agent's user";
}

function isFuture(date: unknown): boolean {
  return typeof date === "string" && Date.parse(date) > Date.now();
}

function problem(text: string): End {
  return { kind: "problem", problem: text };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
