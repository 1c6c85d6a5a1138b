"""The External Client App by which Deskhand signs in as the integration user ("External Client Apps")."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from xml.etree import ElementTree

from pydantic import SecretStr

from connectors.contract import Unavailable
from connectors.parts import MARK, Found, House, Known
from connectors.salesforce.setup.api import Api, opened
from connectors.salesforce.setup.deployed import NAME, Deployed
from connectors.salesforce.setup.deploying import Deployer
from connectors.salesforce.setup.metadata import Component, Files, document, parsed, text
from connectors.salesforce.setup.user import PERMISSIONS, IntegrationUser
from connectors.salesforce.tokens import Tokens

ID, SECRET = "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"
HEADER = Component("ExternalClientApplication", NAME, "externalClientApps/Deskhand.eca")
OAUTH = Component("ExtlClntAppOauthSettings", "Deskhand_oauth", "extlClntAppOauthSettings/Deskhand_oauth.ecaOauth")
GLOBAL = Component("ExtlClntAppGlobalOauthSettings", "Deskhand_glbloauth",
                   "extlClntAppGlobalOauthSets/Deskhand_glbloauth.ecaGlblOauth")
POLICY = Component("ExtlClntAppOauthConfigurablePolicies", "Deskhand_oauthPlcy",
                   "extlClntAppOauthPolicies/Deskhand_oauthPlcy.ecaOauthPlcy")
"""Named as Salesforce's own pages name those of an app, so that no second ones come to be."""
CALLBACK = "https://login.salesforce.com/services/oauth2/success"
"""An app must name an address for the flows with a browser, which are off."""
DRAWN = "DESKHAND"
"""How the keys begin that we draw."""
WRONG = ("invalid_client", "invalid_client_id")
"""What the token endpoint says of a key or secret that it does not know."""


class Login:
    """The key and secret that our settings hold, or that were made a moment ago; whether Salesforce takes them."""

    def __init__(self, api: Api, house: House) -> None:
        self._api = api
        self.key, self.secret = house.settings.get(ID, ""), house.settings.get(SECRET, "")
        self._refused: bool | None = None

    def made(self) -> None:
        """A key and a secret of our own; Salesforce would make others and show them in its pages alone."""
        self.key, self.secret = DRAWN + secrets.token_hex(24), secrets.token_hex(32)
        self._refused = None

    def refused(self) -> bool:
        """Asked once; while Salesforce cannot be asked, it is not judged."""
        if self._refused is None:
            try:
                self.token()
                self._refused = False
            except Unavailable as error:
                self._refused = any(f"({word}:" in str(error) for word in WRONG)
        return self._refused

    def token(self) -> str:
        api = self._api
        held = api.settings.model_copy(update={"client_id": self.key, "client_secret": SecretStr(self.secret),
                                               "jwt_key": api.settings.jwt_key if self.key == api.settings.client_id
                                               else None})
        return Tokens(held, lambda: opened(held, api.around), api.around.now, api.around.now).current().access_token


class AppPart(Deployed):
    """New connected apps cannot be made any more. What signs Deskhand in already, and is not ours, is used as it is."""

    name = f'external client app "{NAME}"'
    why = "signs Deskhand in as the integration user, by a key and a secret of its own"
    components = (HEADER, OAUTH, GLOBAL, POLICY)

    def __init__(self, deployer: Deployer, login: Login, user: IntegrationUser) -> None:
        super().__init__(deployer)
        self._login = login
        self._user = user
        self._admins_own = False

    @property
    def wanted(self) -> bool:  # type: ignore[override]
        return not self._admins_own

    def look(self, known: Known) -> Found | None:
        raw = self.deployer.files().get(self.sign)
        ours = raw is not None and self.is_ours(raw)
        self._admins_own = not ours and bool(self._login.key) and not self._login.refused()
        return None if self._admins_own else super().look(known)

    def make(self, known: Known) -> Found:
        self._login.made()
        self.deployer.deploy(self.files(), self.components)
        return Found(HEADER.name, (), {ID: self._login.key, SECRET: self._login.secret})

    def change(self, found: Found, known: Known) -> Found:
        """Key and secret cannot be read again, so where they are not taken the app is made anew."""
        if self._login.refused():
            self.remove(found)
            return self.make(known)
        kept = [one for one in self.components if one is not GLOBAL]
        self.deployer.deploy({one.path: self.files()[one.path] for one in kept}, kept)
        return self.found(self.deployer.files(), ())

    def found(self, held: Files, differs: tuple[str, ...]) -> Found:
        return Found(HEADER.name, differs, unreadable=(ID, SECRET))

    def differences(self, one: ElementTree.Element, held: Files) -> tuple[str, ...]:
        words = ["Salesforce does not take the secret in .env: it is made anew"] if self._login.refused() else []
        policy = parsed(held[POLICY.path]) if POLICY.path in held else None
        runs = text(policy, "clientCredentialsFlowUser") if policy is not None else ""
        if not self._user.may_be(runs):
            words.append(f"it runs as {runs or 'nobody'}")
        if policy is not None and text(policy, "isClientCredentialsFlowEnabled") == "false":
            words.append("its client credentials flow is switched off")
        return tuple(words)

    def files(self) -> Files:
        app = ("externalClientApplication", NAME)
        key: Mapping[str, str] = {"consumerKey": self._login.key, "consumerSecret": self._login.secret}
        return {
            HEADER.path: document(
                "ExternalClientApplication", ("contactEmail", self._user.row().get("Email") or self._user.name()),
                ("description", f"Deskhand reads cases and writes its notes, replies and changes. {MARK}"),
                ("distributionState", "Local"), ("isProtected", "false"), ("label", NAME)),
            OAUTH.path: document("ExtlClntAppOauthSettings", ("commaSeparatedOauthScopes", "Api"), app,
                                 ("isFirstPartyAppEnabled", "false"), ("label", "Deskhand OAuth")),
            GLOBAL.path: document(
                "ExtlClntAppGlobalOauthSettings", ("callbackUrl", CALLBACK), *key.items(), app,
                ("isClientCredentialsFlowEnabled", "true"), ("isCodeCredFlowEnabled", "false"),
                ("isConsumerSecretOptional", "false"), ("isDeviceFlowEnabled", "false"),
                ("isIntrospectAllTokens", "false"), ("isPkceRequired", "true"),
                ("isSecretRequiredForRefreshToken", "true"), ("isTokenExchangeEnabled", "false"),
                ("label", "Deskhand OAuth"), ("shouldRotateConsumerKey", "false"),
                ("shouldRotateConsumerSecret", "false")),
            POLICY.path: document(
                "ExtlClntAppOauthConfigurablePolicies", ("clientCredentialsFlowUser", self._user.name()),
                ("commaSeparatedPermissionSet", PERMISSIONS), app, ("ipRelaxationPolicyType", "Enforce"),
                ("isClientCredentialsFlowEnabled", "true"), ("isGuestCodeCredFlowEnabled", "false"),
                ("isTokenExchangeFlowEnabled", "false"), ("label", "Deskhand OAuth Policy"),
                ("permittedUsersPolicyType", "AdminApprovedPreAuthorized"), ("refreshTokenPolicyType", "Zero"))}

    @property
    def instead(self) -> str:
        return ("Delete it in Setup > External Client App Manager and run this again; or write its consumer key and "
                f"secret to .env as {ID} and {SECRET}.")
