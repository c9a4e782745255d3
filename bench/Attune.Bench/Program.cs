using System.CommandLine;
using Attune.Bench.Kernels;
using Attune.Bench.Embedding;
using Attune.Bench.Generation;
using Attune.Bench.Products;
using Attune.Bench.Steps;

var root = new RootCommand("Measures Attune, beside other libraries where they are installed.")
{
    ProductsCommand.Create(),
    StepCommand.Create(),
    CompareCommand.Create(),
    KernelsCommand.Create(),
    EmbedCommand.Create(),
    GenerateCommand.Create(),
    GenerateCompareCommand.Create(),
    EmbedCompareCommand.Create(),
};
return root.Parse(args).Invoke();
