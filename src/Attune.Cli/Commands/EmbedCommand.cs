using System.CommandLine;
using System.Globalization;
using Attune.Cli.Shell;
using Attune.Inference;

namespace Attune.Cli.Commands;

/// <summary><c>attune embed</c>: texts as vectors, or how alike they are.</summary>
internal sealed class EmbedCommand : Verb
{
    /// <summary>As many texts at a time as keep the processor busy, so that a long input neither waits for its end nor fills the memory.</summary>
    private const int TextsAtATime = 256;

    private readonly ModelArgument model = new();
    private readonly TextInput texts = new("A text to embed");

    private readonly Option<bool> similarity = new("--similarity")
    {
        Description = "Print the cosine of every pair of texts instead of the vectors.",
    };

    /// <summary>Declares the verb.</summary>
    public EmbedCommand()
        : base(
            "embed",
            "Turns texts into vectors, one line of numbers a text; the angle between vectors says how alike texts are.",
            "attune embed models/all-MiniLM-L6-v2 \"A cat sits on the mat.\"",
            "attune embed models/all-MiniLM-L6-v2 \"A cat.\" \"A kitten.\" \"A lorry.\" --similarity",
            "attune embed models/all-MiniLM-L6-v2 --file sentences.txt --json")
    {
        model.AddTo(this);
        texts.AddTo(this);
        Add(similarity);
        Add(SharedOptions.Json);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        var embedder = Pipelines.SentenceEmbedder(model.Folder(invocation), model.Options(invocation));
        var embedded = Counted(invocation, texts.Read(invocation).Chunk(TextsAtATime).SelectMany(some => some.Zip(embedder.Embed(some))));
        if (invocation.Get(similarity))
            PrintSimilarity(invocation, [.. embedded]);
        else if (invocation.Json)
            WriteVectors(invocation, embedded);
        else
            PrintVectors(invocation, embedded);
        return ExitCode.Ok;
    }

    /// <summary>Shows how many texts are done, on a terminal and unless the vectors themselves are printed there.</summary>
    private IEnumerable<(string Text, float[] Vector)> Counted(Invocation invocation, IEnumerable<(string Text, float[] Vector)> embedded)
    {
        bool waits = Console.IsOutputRedirected || invocation.Json || invocation.Get(similarity);
        if (!StatusLine.OnTerminal || !waits)
            return embedded;
        return Counting(new StatusLine(invocation.Error, TimeProvider.System));

        IEnumerable<(string, float[])> Counting(StatusLine line)
        {
            long done = 0;
            try
            {
                foreach (var one in embedded)
                {
                    done++;
                    line.Draw(() => string.Create(CultureInfo.InvariantCulture, $"embedding  {done:N0} texts"));
                    yield return one;
                }
            }
            finally
            {
                line.Erase();
            }
        }
    }

    private static void PrintVectors(Invocation invocation, IEnumerable<(string Text, float[] Vector)> embedded)
    {
        foreach (var (_, vector) in embedded)
        {
            invocation.Cancellation.ThrowIfCancellationRequested();
            invocation.Output.WriteLine(string.Join(' ', vector.Select(x => x.ToString("R", CultureInfo.InvariantCulture))));
        }
    }

    private static void WriteVectors(Invocation invocation, IEnumerable<(string Text, float[] Vector)> embedded) =>
        invocation.WriteJson(json =>
        {
            json.WriteStartArray();
            foreach (var (text, vector) in embedded)
            {
                invocation.Cancellation.ThrowIfCancellationRequested();
                json.WriteStartObject();
                json.WriteString("text", text);
                json.WriteStartArray("embedding");
                foreach (var x in vector)
                    json.WriteNumberValue(x);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });

    private static void PrintSimilarity(Invocation invocation, (string Text, float[] Vector)[] embedded)
    {
        var cosines = embedded.Select(a => embedded.Select(b => Cosine.Similarity(a.Vector, b.Vector)).ToArray()).ToArray();
        if (invocation.Json)
        {
            invocation.WriteJson(json =>
            {
                json.WriteStartArray();
                foreach (var row in cosines)
                {
                    json.WriteStartArray();
                    foreach (var cosine in row)
                        json.WriteNumberValue(cosine);
                    json.WriteEndArray();
                }

                json.WriteEndArray();
            });
            return;
        }

        invocation.WriteTable(
            ["text", .. embedded.Select((_, i) => $">{i + 1}")],
            embedded.Select((text, i) => (string[])
            [
                $"{i + 1}  {text.Text}", .. cosines[i].Select(cosine => cosine.ToString("0.000", CultureInfo.InvariantCulture)),
            ]));
    }
}
