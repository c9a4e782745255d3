using System.CommandLine;
using Attune.Bench.Embedding;
using Attune.Bench.Generation;
using Attune.Bench.Kernels;
using Attune.Bench.Products;
using Attune.Bench.Steps;
using Attune.Bench.Tokenization;
using Attune.Cli.Shell;

var root = new RootCommand("Measures Attune, beside other libraries where they are installed (bench/peers/README.md). Exit codes are those of attune.")
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
ParseResult parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
        Console.Error.WriteLine(ErrorReport.OneLine(error.Message));
    Console.Error.WriteLine("--help tells what there is.");
    return ExitCode.Usage;
}
try
{
    return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception failure) when (ErrorReport.CodeOf(failure) != ExitCode.Internal)
{
    // A missing script, program or file, a peer that failed: the user's to mend, hence no stack.
    ErrorReport.Write(Console.Error, failure, verbose: false);
    return ErrorReport.CodeOf(failure);
}
