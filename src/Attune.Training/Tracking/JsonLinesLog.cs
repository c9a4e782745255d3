using System.Globalization;
using System.Text;
using System.Text.Json;
using Attune.Formats;

namespace Attune.Training.Tracking;

/// <summary>
/// Writes what happens as one JSON object a line. A run that goes on after having been killed first drops the lines of the
/// steps it will make again, so that the log reads as if nothing had happened.
/// </summary>
/// <param name="path">The file; made if it is missing.</param>
/// <param name="every">Write every so many updates (evaluations always).</param>
public sealed class JsonLinesLog(string path, long every = 10) : ITrainingObserver, IDisposable
{
    private FileStream? _file;

    /// <inheritdoc/>
    public void Started(TrainingStart start)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
                Directory.CreateDirectory(folder);
            DropAfter(start.State.Step);
            _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AttuneWriteException(path, e);
        }
    }

    /// <inheritdoc/>
    public void Stepped(in StepReport step)
    {
        if (step.Step % every != 0 && step.Step != step.Steps)
            return;
        StepReport report = step;
        Write(json =>
        {
            json.WriteString("event", "step");
            json.WriteNumber("step", report.Step);
            json.WriteNumber("loss", report.Loss);
            json.WriteNumber("rate", report.Rate);
            json.WriteNumber("gradient_norm", report.GradientNorm);
            json.WriteNumber("tokens", report.TotalTokens);
            json.WriteNumber("seconds", report.Time.TotalSeconds);
        });
    }

    /// <inheritdoc/>
    public void Evaluated(long step, EvaluationResult result, bool best) => Write(json =>
    {
        json.WriteString("event", "evaluation");
        json.WriteNumber("step", step);
        foreach ((string name, double value) in result.AllFigures())
        {
            if (double.IsFinite(value))
                json.WriteNumber(name, value);
        }
        json.WriteBoolean("best", best);
    });

    /// <inheritdoc/>
    public void CheckpointWritten(long step, string folder) => Write(json =>
    {
        json.WriteString("event", "checkpoint");
        json.WriteNumber("step", step);
        json.WriteString("folder", Path.GetFileName(folder));
    });

    /// <inheritdoc/>
    public void Finished(TrainingResult result) => Dispose();

    /// <inheritdoc/>
    public void Failed(Exception failure)
    {
        if (_file is not null)
            Write(json =>
            {
                json.WriteString("event", "failure");
                json.WriteString("message", failure.Message);
            });
        Dispose();
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private void Write(Action<Utf8JsonWriter> fields)
    {
        if (_file is null)
            return;
        try
        {
            using (var json = new Utf8JsonWriter(_file))
            {
                json.WriteStartObject();
                fields(json);
                json.WriteEndObject();
            }
            _file.Write("\n"u8);
            _file.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AttuneWriteException(path, e);
        }
    }

    private void DropAfter(long step)
    {
        if (!File.Exists(path))
            return;
        string[] lines = File.ReadAllLines(path);
        string[] kept = [.. lines.Where(line => StepOf(line) is { } at && at <= step)];
        if (kept.Length < lines.Length)
            AtomicFile.WriteAllBytes(path, Encoding.UTF8.GetBytes(string.Concat(kept.Select(line => line + "\n"))));
    }

    // A torn last line, or the line of a failure, has no step: both belong to what is done again.
    private static long? StepOf(string line)
    {
        const string key = "\"step\":";
        int at = line.IndexOf(key, StringComparison.Ordinal);
        if (at < 0 || !line.EndsWith('}'))
            return null;
        int start = at + key.Length, end = line.AsSpan(start).IndexOfAnyExceptInRange('0', '9') + start;
        return long.TryParse(line.AsSpan(start, end - start), NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : null;
    }
}
