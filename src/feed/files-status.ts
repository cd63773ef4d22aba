/** How the files stand (contract, section 9), for health and readiness. */
export interface FilesStatus {
  readonly health:
    { readonly state: "written" | "none" } | { readonly state: "failed"; readonly code: string };
  /** Whether a first set was written. */
  readonly isReady: boolean;
}
