using System.CommandLine;
using Attune.Bench.Options;
using Attune.Tensors.Parallel;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Attune.Bench.Kernels;

/// <summary><c>kernels</c>: BenchmarkDotNet over single operations, forward and backward, in this process.</summary>
internal static class KernelsCommand
{
    private const int Iterations = 5;
    private static readonly TimeInterval IterationTime = TimeInterval.FromMilliseconds(200);

    private static readonly IReadOnlyDictionary<string, Type> All = new Dictionary<string, Type>
    {
        ["products"] = typeof(ProductBenchmarks),
        ["attention"] = typeof(AttentionBenchmarks),
        ["norms"] = typeof(RowBenchmarks),
        ["cross-entropy"] = typeof(CrossEntropyBenchmarks),
        ["optimizer"] = typeof(OptimizerBenchmarks),
    };

    public static Command Create()
    {
        var names = new Argument<string[]>("families") { Description = $"Which of {string.Join(", ", All.Keys)}; none takes all.", HelpName = "family" };
        names.AcceptOnlyFromAmong([.. All.Keys]);
        var threads = ThreadOption.One();
        var command = new Command("kernels", "Measures single operations with BenchmarkDotNet.") { names, threads };
        command.SetAction(parsed =>
        {
            Workers.Count = parsed.GetValue(threads);
            // In this process: the kernels are compiled with full optimisation at once, and nothing has to be built.
            IConfig config = ManualConfig.CreateEmpty()
                .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance)
                    .WithWarmupCount(1).WithIterationCount(Iterations).WithIterationTime(IterationTime))
                .AddColumnProvider(DefaultColumnProviders.Instance)
                .AddLogger(ConsoleLogger.Default)
                .WithOptions(ConfigOptions.JoinSummary);
            string[] chosen = parsed.GetValue(names) is { Length: > 0 } given ? given : [.. All.Keys];
            foreach (string name in chosen)
                BenchmarkRunner.Run(All[name], config);
        });
        return command;
    }
}
