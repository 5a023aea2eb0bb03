/** Passwords in URLs: kept from being shown. */

/** User and password of a URL, or of `user:password@host`. */
export function maskedUrl(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/@\s]+@/i, "$1***@");
}

/** What is to be hidden of a URL where a build prints it. */
export function passwordOf(text: string): string | undefined {
  const [, user] = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/@\s]+)@/i.exec(text) ?? [];
  return user?.includes(":") === true ? user.slice(user.indexOf(":") + 1) : undefined;
}
