import type { ReactNode } from 'react';

export const metadata = {
  title: 'An MCP server with Clerk',
  description: 'Its tools are for signed-in people.',
};

export const viewport = { colorScheme: 'light dark' };

export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
