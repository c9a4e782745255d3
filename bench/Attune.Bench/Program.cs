using System.CommandLine;
using Attune.Bench.Products;

var root = new RootCommand("Measures Attune, beside other libraries where they are installed.") { ProductsCommand.Create() };
return root.Parse(args).Invoke();
