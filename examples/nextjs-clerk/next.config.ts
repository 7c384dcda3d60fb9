import type { NextConfig } from 'next';

const config: NextConfig = {
  // Nothing else may say what this server is made of.
  poweredByHeader: false,
};

export default config;
