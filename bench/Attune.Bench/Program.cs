using System.CommandLine;
using Attune.Bench.Embedding;
using Attune.Bench.Generation;
using Attune.Bench.Kernels;
using Attune.Bench.Products;
using Attune.Bench.Steps;
using Attune.Bench.Tokenization;

var root = new RootCommand("Measures Attune, beside other libraries where they are installed.")
{
    ProductsCommand.Create(),
    StepCommand.Create(),
    CompareCommand.Create(),
    KernelsCommand.Create(),
    EmbedCommand.Create(),
    EmbedCompareCommand.Create(),
    GenerateCommand.Create(),
    GenerateCompareCommand.Create(),
    TokenizeCommand.Create(),
    TokenizeCompareCommand.Create(),
};
return root.Parse(args).Invoke();
