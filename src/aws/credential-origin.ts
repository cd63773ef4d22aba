import { loadSharedConfigFiles } from "@smithy/core/config";
import { profileProblem } from "./profile-problem.ts";

/** What tells the AWS chain where credentials come from. */
export interface CredentialOrigin {
  readonly from: string;
  /** What to do when that gives none. */
  readonly advice: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Variables in the order in which the chain looks at them. */
const VARIABLES: readonly (CredentialOrigin & { readonly names: readonly string[] })[] = [
  {
    names: ["AWS_PROFILE"],
    from: "the profile that AWS_PROFILE names",
    advice: "check AWS_PROFILE and that profile",
  },
  {
    names: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
    from: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    advice: "set both of them",
  },
  {
    names: ["AWS_WEB_IDENTITY_TOKEN_FILE"],
    from: "AWS_WEB_IDENTITY_TOKEN_FILE",
    advice: "check that file, AWS_ROLE_ARN, AWS_REGION and the role's trust policy",
  },
  {
    names: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
    from: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    advice: "check the role of the task",
  },
  {
    names: ["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
    from: "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    advice: "check the role of the pod or task, and AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
  },
];

/** Settings of a profile that lead to credentials. */
const PROFILE_SETTINGS: readonly string[] = [
  "aws_access_key_id",
  "credential_process",
  "login_session",
  "role_arn",
  "sso_session",
  "sso_start_url",
  "web_identity_token_file",
];

/** The first thing that names credentials, or undefined if only a metadata service could have any. */
export async function credentialOrigin(
  env: Env = process.env,
): Promise<CredentialOrigin | undefined> {
  const named = VARIABLES.find(({ names }) => names.some((name) => isSet(env[name])));
  if (named?.names.includes("AWS_PROFILE") === true) {
    return withProblem(named, await profileProblem(env["AWS_PROFILE"]));
  }
  // Before the container's variables the chain looks at the default profile.
  if (named?.names.some((name) => name.startsWith("AWS_CONTAINER_")) !== false) {
    if (await defaultProfileNamesAny()) {
      const origin = {
        from: "the default profile of the shared AWS config files",
        advice: "check that profile",
      };
      return withProblem(origin, await profileProblem());
    }
  }
  return named;
}

function withProblem(
  { from, advice }: CredentialOrigin,
  problem: string | undefined,
): CredentialOrigin {
  return { from, advice: problem ?? advice };
}

async function defaultProfileNamesAny(): Promise<boolean> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const profile = { ...credentialsFile["default"], ...configFile["default"] };
  return PROFILE_SETTINGS.some((name) => isSet(profile[name]));
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
