using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Attune.Cli.Shell;
using Attune.Inference;

namespace Attune.Cli.Commands;

/// <summary><c>attune fill</c>: what is hidden behind the mask tokens of texts.</summary>
internal sealed class FillCommand : Verb
{
    private readonly ModelArgument model = new();
    private readonly TextInput texts = new("A text with at least one mask token, such as [MASK]");
    private readonly Option<int> top = NumberOption.Make("--top", "How many candidates are shown for each mask.", "count", 5, 1, 1_000);

    /// <summary>Declares the verb.</summary>
    public FillCommand()
        : base(
            "fill",
            "Says what may stand in place of the mask tokens of texts, with a masked language model.",
            "attune fill models/bert \"The stream is [MASK].\"",
            "attune fill models/bert --file sentences.txt --top 3 --json")
    {
        model.AddTo(this);
        texts.AddTo(this);
        Add(top);
        Add(SharedOptions.Json);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        string[] given = [.. texts.Read(invocation)];
        var filled = Pipelines.FillMask(model.Folder(invocation), model.Options(invocation)).Fill(given, invocation.Get(top));
        if (invocation.Json)
            invocation.WriteJson(json => Write(json, given, filled));
        else
            Print(invocation, given, filled);
        return ExitCode.Ok;
    }

    private static void Print(Invocation invocation, string[] texts, IReadOnlyList<IReadOnlyList<MaskedPosition>> filled)
    {
        foreach (var (text, places) in texts.Zip(filled))
        {
            invocation.Output.WriteLine(text);
            foreach (var place in places)
            {
                var candidates = place.Candidates.Select(found =>
                    string.Create(CultureInfo.InvariantCulture, $"{found.Token} {found.Probability:0.000}"));
                invocation.Output.WriteLine("  " + string.Join("  ", candidates));
            }
        }
    }

    private static void Write(Utf8JsonWriter json, string[] texts, IReadOnlyList<IReadOnlyList<MaskedPosition>> filled)
    {
        json.WriteStartArray();
        foreach (var (text, places) in texts.Zip(filled))
        {
            json.WriteStartObject();
            json.WriteString("text", text);
            json.WriteStartArray("masks");
            foreach (var place in places)
            {
                json.WriteStartObject();
                json.WriteNumber("position", place.Position);
                json.WriteStartArray("candidates");
                foreach (var candidate in place.Candidates)
                {
                    json.WriteStartObject();
                    json.WriteNumber("id", candidate.Id);
                    json.WriteString("token", candidate.Token);
                    json.WriteNumber("probability", candidate.Probability);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
