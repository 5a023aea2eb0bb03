/** A home with docker's and buildx's files in it. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface DockerHome extends AsyncDisposable {
  /** Absolute; `.docker` is in it. */
  readonly path: string;
  /** Writes a file below `.docker`. */
  write(name: string, text: string): Promise<void>;
}

/** What buildx 0.29.1 wrote for `docker buildx create`. */
export const BUILDERS: Readonly<Record<string, string>> = {
  // --name=dev --driver=remote docker-container://buildkit-dev
  dev: '{"Name":"dev","Driver":"remote","Nodes":[{"Name":"dev0","Endpoint":"docker-container://buildkit-dev","Platforms":null,"DriverOpts":null,"Flags":null,"Files":null}],"Dynamic":false}',
  // --name far --driver remote --driver-opt cacert=…,cert=…,key=…,servername=… --platform linux/arm64,linux/arm/v7 tcp://10.0.0.7:1234,
  // then --append --name far --node far1 --driver remote --platform linux/amd64 tcp://10.0.0.8:1234
  far: '{"Name":"far","Driver":"remote","Nodes":[{"Name":"far0","Endpoint":"tcp://10.0.0.7:1234","Platforms":[{"architecture":"arm64","os":"linux"},{"architecture":"arm","os":"linux","variant":"v7"}],"DriverOpts":{"cacert":"/c/ca.pem","cert":"/c/cert.pem","key":"/c/key.pem","servername":"bk.example"},"Flags":null,"Files":null},{"Name":"far1","Endpoint":"tcp://10.0.0.8:1234","Platforms":[{"architecture":"amd64","os":"linux"}],"DriverOpts":null,"Flags":null,"Files":null}],"Dynamic":false}',
};

/** @param files text per path below `.docker` */
export async function dockerHome(files: Readonly<Record<string, string>> = {}): Promise<DockerHome> {
  const path = await mkdtemp(join(tmpdir(), "bktui-docker-"));
  const write = async (name: string, text: string): Promise<void> => {
    const file = join(path, ".docker", name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  };
  for (const [name, text] of Object.entries(files)) await write(name, text);
  return { path, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** The same with the builders of BUILDERS in it. */
export async function homeWithBuilders(files: Readonly<Record<string, string>> = {}): Promise<DockerHome> {
  const builders = Object.entries(BUILDERS).map(([name, text]) => [`buildx/instances/${name}`, text]);
  return await dockerHome({ ...Object.fromEntries(builders), ...files });
}
