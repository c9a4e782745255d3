using System.CommandLine;
using System.Globalization;
using Attune.Backbones.Folders;
using Attune.Cli.Shell;
using Attune.Formats;

namespace Attune.Cli.Commands;

/// <summary><c>attune convert</c>: writes a model folder anew in another layout, number format or class.</summary>
internal sealed class ConvertCommand : Verb
{
    private const string Safetensors = "safetensors", PyTorch = "pytorch";

    private readonly Argument<string> model = new("model")
    {
        Description = "The model's folder (safetensors or pytorch_model.bin, in one file or several), or the name of a pulled model.",
    };

    private readonly Argument<string> output = new("out") { Description = "The folder to make." };

    private readonly Option<string> layout = new("--to")
    {
        Description = $"{Safetensors}, or {PyTorch} for pytorch_model.bin.",
        DefaultValueFactory = _ => Safetensors,
        HelpName = "layout",
    };

    private readonly Option<string?> dtype = new("--dtype")
    {
        Description = "Round floating-point weights to float32, bfloat16 or float16. Default: every byte stays.",
        HelpName = "type",
    };

    private readonly Option<double?> shard = NumberOption.MakeOptional(
        "--shard-size", "The most gigabytes of weights in one safetensors file. Default: 5.", "gigabytes", 0.000001, 1e6);

    private readonly Option<string?> architecture = new("--architecture")
    {
        Description = "The published class to make, as in BertForSequenceClassification. Default: the folder's own.",
        HelpName = "class",
    };

    private readonly Option<string?> labels = new("--labels")
    {
        Description = "The names of a new head's classes, parted by commas.",
        HelpName = "names",
    };

    private readonly Option<bool> initialize = new("--init-missing")
    {
        Description = "Start heads that the weights do not hold from random numbers, instead of refusing.",
    };

    /// <summary>Declares the verb.</summary>
    public ConvertCommand()
        : base(
            "convert",
            "Writes a model folder anew: other files, another number format, another head. What is not asked to change keeps every byte.",
            "attune convert downloads/bert models/bert",
            "attune convert models/gpt2 models/gpt2-half --dtype bfloat16 --shard-size 0.5",
            "attune convert models/bert models/bert-pt --to pytorch",
            "attune convert models/bert models/areas --architecture BertForSequenceClassification --labels Text,Net,Xml --init-missing")
    {
        Add(model);
        Add(output);
        foreach (Option option in (Option[])[layout, dtype, shard, architecture, labels, initialize, SharedOptions.Seed, SharedOptions.Json])
            Add(option);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        const double gigabyte = 1e9;
        ConversionOptions options = new()
        {
            Layout = invocation.Get(layout) switch
            {
                Safetensors => WeightLayoutOnDisk.Safetensors,
                PyTorch => WeightLayoutOnDisk.PyTorch,
                var other => throw new UsageException($"--to: found '{other}', expected {Safetensors} or {PyTorch}."),
            },
            DType = invocation.Get(dtype) switch
            {
                null => null,
                "float32" => DType.F32,
                "bfloat16" => DType.BF16,
                "float16" => DType.F16,
                var other => throw new UsageException($"--dtype: found '{other}', expected float32, bfloat16 or float16."),
            },
            Architecture = invocation.Get(architecture),
            Labels = invocation.Get(labels)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            InitializeMissing = invocation.Get(initialize),
            Seed = invocation.Seed,
        };
        if (invocation.Get(shard) is { } size)
        {
            if (options.Layout == WeightLayoutOnDisk.PyTorch)
                throw new UsageException($"--shard-size: only {Safetensors} weights can be in several files.");
            options = options with { ShardBytes = (long)(size * gigabyte) };
        }
        string folder = invocation.Get(output);
        ConvertedModel converted = ModelConversion.Convert(PulledFolder.Find(invocation.Get(model)), folder, Catalog.Backbones.All, options);
        Print(invocation, folder, converted);
        return ExitCode.Ok;
    }

    private static void Print(Invocation invocation, string folder, ConvertedModel converted)
    {
        if (invocation.Json)
        {
            invocation.WriteJson(json =>
            {
                json.WriteStartObject();
                json.WriteString("folder", folder);
                json.WriteNumber("tensors", converted.Tensors);
                json.WriteNumber("bytes", converted.Bytes);
                foreach ((string name, IReadOnlyList<string> values) in new[] { ("initialized", converted.Initialized), ("dropped", converted.Dropped) })
                {
                    json.WriteStartArray(name);
                    foreach (string value in values)
                        json.WriteStringValue(value);
                    json.WriteEndArray();
                }
                json.WriteEndObject();
            });
            return;
        }
        invocation.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{folder}  ({converted.Tensors} tensors, {converted.Bytes / 1e6:N1} MB)"));
        if (converted.Initialized.Count > 0)
            invocation.Output.WriteLine("started from random numbers: " + string.Join(", ", converted.Initialized));
        if (converted.Dropped.Count > 0)
            invocation.Output.WriteLine("left out: " + string.Join(", ", converted.Dropped));
    }
}
