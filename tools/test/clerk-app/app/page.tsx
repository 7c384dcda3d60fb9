export default function Page() {
  return <h1>Content</h1>;
}
