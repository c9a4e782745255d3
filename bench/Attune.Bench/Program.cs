using System.CommandLine;
using System.ComponentModel;
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
try
{
    return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception fault) when (fault is IOException or InvalidOperationException or FormatException or Win32Exception)
{
    // A missing script, program or file, a peer that failed, a product that is none: the user's to mend, hence no stack.
    Console.Error.WriteLine(fault.Message);
    return 1;
}
