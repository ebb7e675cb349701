import { render } from "preact";
import { Client } from "@tidegate/client";
const root = document.getElementById("app");
if (root) render(<p>hello {typeof Client}</p>, root);
