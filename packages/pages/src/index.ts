// Every HTML page as a pure function of data, and the rules for talking to a browser.
export { palettesOf } from './accent.ts';
export {
  accountPage,
  type AccountPageData,
  type AllowedApp,
  type ShownSession,
  type ShownToken,
} from './account.ts';
export { assetResponse, favicon, script, stylesheet } from './assets.ts';
export { browserRules, type BrowserRules, type FormKeys } from './browser-rules.ts';
export { changePasswordPage, type ChangePasswordPageData } from './change-password.ts';
export { chooseAccountPage, type ChooseAccountPageData } from './choose-account.ts';
export { clientName, type ShownClient } from './client-name.ts';
export { connectInstructions, type ConnectInstruction } from './connect.ts';
export { consentPage, type ConsentPageData } from './consent.ts';
export { clearCookie, cookieName, openBrowser, readCookie, setCookie } from './cookies.ts';
export { csrfToken, isCrossSite, isCsrfToken } from './csrf.ts';
export {
  accountDeletedPage,
  type AccountDeletedPageData,
  deleteAccountPage,
  type DeleteAccountPageData,
} from './delete-account.ts';
export { readForm } from './form.ts';
export { homePage, type HomePageData } from './home.ts';
export type { Html } from './html.ts';
export { logoTypeOf, lookOf, type LogoFile, type Look } from './look.ts';
export { httpsUrl } from './links.ts';
export { problemPage, type ProblemPageData } from './problem.ts';
export { revokeTokenPage, type RevokeTokenPageData } from './revoke-token.ts';
export { removeAccessPage, type RemoveAccessPageData } from './remove-access.ts';
export { newTokenPage, type NewTokenPageData } from './new-token.ts';
export type { ProviderButton, WaitingApp } from './providers.ts';
export { pageResponse, redirectResponse } from './response.ts';
export { returnToAppPage, type ReturnToAppPageData } from './return-to-app.ts';
export { returnToSitePage, type ReturnToSitePageData } from './return-to-site.ts';
export { signInPage, type SignInPageData } from './sign-in.ts';
export { signUpPage, type SignUpPageData } from './sign-up.ts';
export { tokenMadePage, type TokenMadePageData } from './token-made.ts';
export { signedOutPage, type SignedOutPageData } from './signed-out.ts';
export { unadmittedPage, type UnadmittedPageData } from './unadmitted.ts';
export { linkWayPage, unlinkWayPage, type ShownWay, type ShownWays } from './ways.ts';
