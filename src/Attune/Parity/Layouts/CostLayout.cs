using System.Globalization;
using Attune.Backbones;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tensors.Autograd;

namespace Attune.Parity.Layouts;

/// <summary>
/// Parameters and multiply-adds of models that are never given memory: <c>models</c> with a configuration, the shape of an
/// input, and both counts, which must be equal. Each model is a case of its own.
/// </summary>
/// <param name="families">The families whose models can be built.</param>
internal sealed class CostLayout(IReadOnlyList<IFamily> families) : ICaseLayout
{
    /// <inheritdoc/>
    public bool Recognises(CaseFolder folder) => folder.Case is { } golden && golden.Has("models") && golden.Has("rule");

    /// <inheritdoc/>
    public IEnumerable<Func<ParityResult>> Cases(CaseFolder folder)
    {
        JsonFields models = folder.Case!.Child("models");
        foreach (string name in models.Keys)
        {
            yield return CaseRun.OfLines($"{folder.Name}/{name}", "costs", name, tally =>
            {
                JsonFields entry = models.Child(name);
                (long parameters, long multiplyAdds) = Count(entry);
                tally.Count(Mistake("parameters", entry.Long("parameters"), parameters));
                tally.Count(Mistake("multiply-adds", entry.Long("multiply_accumulates"), multiplyAdds));
            });
        }
    }

    private (long Parameters, long MultiplyAdds) Count(JsonFields entry)
    {
        JsonFields config = entry.Child("config");
        string type = config.String("model_type");
        IFamily family = families.FirstOrDefault(f => f.ModelType == type) ?? throw new UnknownCaseException("family", type);
        Model model = family.Declare(config, ModelFolder.HeadsOf(config, family));
        JsonFields input = entry.Child("input");
        string[] others = [.. input.Keys.Except(["input_ids", "decoder_input_ids", "attention_mask"])];
        if (others.Length > 0 || input.IntArrayOrNull("input_ids") is not [var sequences, var length])
            throw new UnknownCaseException("input", string.Join(", ", input.Keys));
        var tape = new Tape();
        tape.BeginMeasuring();
        ModelProbe.Run(new Pass(tape), model, sequences, length, input.IntArrayOrNull("decoder_input_ids") is [_, var target] ? target : null);
        return (model.Parameters().Sum(p => p.Parameter.Shape.Count), tape.MultiplyAdds);
    }

    private static string? Mistake(string what, long expected, long actual) => expected == actual
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"{what}: {expected} are expected, Attune counts {actual}");
}
