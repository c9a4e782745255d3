using System.CommandLine;
using Attune.Tensors;

namespace Attune.Cli.Shell;

/// <summary><c>--precision</c>: the arithmetic of products with weights.</summary>
/// <param name="description">What it sets.</param>
/// <param name="names">The precisions that the verb can use.</param>
internal sealed class PrecisionOption(string description, IReadOnlyList<string> names)
{
    /// <summary>The option.</summary>
    public Option<string?> Option { get; } = Make(description, names);

    /// <summary>The precision that was given, if any. If this machine has no instructions for it, a line on standard error says so.</summary>
    public Precision? Read(Invocation invocation)
    {
        if (invocation.Get(Option) is not { } name)
            return null;
        var precision = Precisions.Parse(name);
        if (Precisions.Instructions(precision) is null)
            invocation.Error.WriteLine($"note: this processor has no instructions for {name} products: large ones are no faster than in float32.");
        return precision;
    }

    private static Option<string?> Make(string description, IReadOnlyList<string> names)
    {
        Option<string?> option = new("--precision") { Description = $"{description} Default: {names[0]}.", HelpName = string.Join('|', names) };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !names.Contains(token.Value))
                result.AddError($"--precision: found '{token.Value}', expected {string.Join(", ", names)}.");
        });
        return option;
    }
}
